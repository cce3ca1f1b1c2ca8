"""Make customers' routers fit for hosted telephony, and prove that they are."""
