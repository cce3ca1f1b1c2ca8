# feb/14/2024 08:12:31 by RouterOS 6.49.17
# software id = ABCD-0001
#
# model = RB750Gr3
# serial number = XXXXXXXXXXXX
/interface bridge add name=bridge-lan
/ip pool add name=dhcp ranges=192.168.10.100-192.168.10.200
/interface bridge port add bridge=bridge-lan interface=ether2
/ip address add address=192.168.10.1/24 interface=bridge-lan network=192.168.10.0
/ip address add address=203.0.113.10/24 interface=ether1 network=203.0.113.0
/ip firewall filter add action=accept chain=input connection-state=established,related
/ip firewall filter add action=accept chain=input in-interface=bridge-lan
/ip firewall filter add action=accept chain=input dst-port=22,8291 protocol=tcp
/ip firewall filter add action=drop chain=input
/ip firewall nat add action=masquerade chain=srcnat out-interface=ether1
/ip firewall nat add action=dst-nat chain=dstnat comment=telephony dst-port=5060 in-interface=ether1 protocol=udp to-addresses=192.168.10.20 to-ports=5060
/ip route add distance=1 gateway=203.0.113.1
/ip service set telnet disabled=yes
/ip service set ftp disabled=yes
/system identity set name=branch-v6
/tool bandwidth-server set enabled=no
/tool mac-server set allowed-interface-list=none
/tool mac-server mac-winbox set allowed-interface-list=none
/tool mac-server ping set enabled=no
