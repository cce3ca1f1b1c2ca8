# 2024-06-21 17:44:02 by RouterOS 7.12.2
# software id = ABCD-0003
#
# model = RB750Gr3
# serial number = XXXXXXXXXXXX
/interface bridge add name=bridge-lan
/interface bridge port add bridge=bridge-lan interface=ether2
/ip address add address=192.168.30.1/24 interface=bridge-lan network=192.168.30.0
/ip address add address=203.0.113.30/24 interface=ether1 network=203.0.113.0
/ip dns set allow-remote-requests=no servers=192.0.2.53
/ip firewall filter add action=accept chain=forward connection-state=established,related
/ip firewall nat add action=masquerade chain=srcnat out-interface=ether1
/ip firewall nat add action=dst-nat chain=dstnat comment="SIP to PBX" dst-port=5060-5061 in-interface=ether1 protocol=udp to-addresses=192.168.30.20 to-ports=5060-5061
/ip firewall nat add action=dst-nat chain=dstnat comment=RTP dst-port=10000-20000 in-interface=ether1 protocol=udp to-addresses=192.168.30.20
/ip firewall nat add action=dst-nat chain=dstnat comment="PBX web" dst-port=443 in-interface=ether1 protocol=tcp to-addresses=192.168.30.20 to-ports=443
/ip firewall nat add action=dst-nat chain=dstnat comment=desktop dst-port=3389 in-interface=ether1 protocol=tcp to-addresses=192.168.30.40 to-ports=3389
/ip firewall service-port set tftp disabled=yes
/ip route add dst-address=0.0.0.0/0 gateway=203.0.113.1
/ip upnp set enabled=yes
/snmp set enabled=yes
/system identity set name=messy
/tool bandwidth-server set enabled=no
/tool mac-server set allowed-interface-list=none
/tool mac-server mac-winbox set allowed-interface-list=none
/tool mac-server ping set enabled=no
