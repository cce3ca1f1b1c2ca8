"""A real Linux router in network namespaces: genuine nftables, conntrack, OpenSSH and packets."""
