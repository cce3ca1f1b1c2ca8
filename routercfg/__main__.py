"""`python -m routercfg`."""

from routercfg.cli import main

if __name__ == "__main__":
    main()
