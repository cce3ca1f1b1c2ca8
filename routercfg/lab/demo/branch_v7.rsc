# 2025-03-03 09:01:10 by RouterOS 7.18.2
# software id = ABCD-0002
#
# model = RB4011iGS+
# serial number = XXXXXXXXXXXX
/interface bridge add name=bridge-lan
/interface list add name=WAN
/interface list add name=LAN
/interface bridge port add bridge=bridge-lan interface=ether2
/interface list member add interface=ether1 list=WAN
/interface list member add interface=bridge-lan list=LAN
/ip address add address=192.168.20.1/24 interface=bridge-lan network=192.168.20.0
/ip address add address=203.0.113.20/24 interface=ether1 network=203.0.113.0
/ip firewall filter add action=accept chain=input connection-state=established,related,untracked
/ip firewall filter add action=accept chain=input comment=remote dst-port=22 protocol=tcp
/ip firewall filter add action=drop chain=input in-interface-list=!LAN
/ip firewall nat add action=masquerade chain=srcnat out-interface-list=WAN
/ip firewall nat add action=dst-nat chain=dstnat comment=camera dst-port=443 in-interface-list=WAN protocol=tcp to-addresses=192.168.20.30 to-ports=443
/ip route add dst-address=0.0.0.0/0 gateway=203.0.113.1
/ip service set telnet disabled=yes
/ip service set ftp disabled=yes
/system identity set name=branch-v7
/tool bandwidth-server set enabled=no
/tool mac-server set allowed-interface-list=none
/tool mac-server mac-winbox set allowed-interface-list=none
/tool mac-server ping set enabled=no
