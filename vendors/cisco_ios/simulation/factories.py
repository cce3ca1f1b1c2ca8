"""Two routers as they come: a clean ISR1100, and a customer's 881 that many people have been at."""

from __future__ import annotations

CLEAN = """
service timestamps debug datetime msec
service timestamps log datetime msec
hostname Router
boot-start-marker
boot-end-marker
no aaa new-model
license udi pid C1111-8P sn FGL214391AA
username admin privilege 15 secret 9 $9$notreal
archive
 path bootflash:cfg
 maximum 7
interface GigabitEthernet0/0/0
 ip address 192.0.2.2 255.255.255.252
 ip nat outside
 negotiation auto
interface GigabitEthernet0/0/1
 no ip address
 shutdown
 negotiation auto
interface Vlan1
 ip address 192.168.10.1 255.255.255.0
 ip nat inside
ip forward-protocol nd
no ip http server
ip http authentication local
ip http secure-server
ip nat inside source list 1 interface GigabitEthernet0/0/0 overload
ip route 0.0.0.0 0.0.0.0 192.0.2.1
access-list 1 permit 192.168.10.0 0.0.0.255
line con 0
 stopbits 1
line vty 0 4
 login local
 transport input ssh
line vty 5 15
 login local
 transport input ssh
"""

MESSY = """
service timestamps log datetime msec
hostname klant-881-kantoor
aaa new-model
aaa authentication login default local
ip name-server 192.0.2.53
ip dhcp excluded-address 192.168.1.1 192.168.1.20
ip dhcp pool LAN
 network 192.168.1.0 255.255.255.0
 default-router 192.168.1.1
 option 66 ascii prov.example.net
ip domain name klant.example
ip inspect name EXT_OUT tcp
ip inspect name EXT_OUT udp timeout 40
ip inspect name EXT_OUT sip alert on audit-trail off
ip cef
license udi pid C881-K9 sn FCZ1846C0AA
username admin privilege 15 secret 5 $1$notreal
archive
 path flash:cfg
 maximum 5
interface FastEthernet0
 switchport access vlan 1
interface FastEthernet4
 description naar KPN
 ip address 198.51.100.10 255.255.255.248
 ip access-group INTERNET_IN in
 ip nat outside
 ip inspect EXT_OUT out
 duplex auto
 speed auto
 ipv6 address 2001:DB8:1::2/64
 ipv6 enable
interface Vlan1
 description kantoor
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
 ip tcp adjust-mss 1452
 ipv6 address 2001:DB8:1:10::1/64
ip forward-protocol nd
ip http server
ip http access-class 23
ip http authentication local
ip http secure-server
ip dns server
ip nat translation udp-timeout 180
ip nat pool voip-rtp 192.168.1.20 192.168.1.20 netmask 255.255.255.0 type rotary
ip nat inside source list 10 interface FastEthernet4 overload
ip nat inside source static udp 192.168.1.20 5060 198.51.100.10 5060 extendable
ip nat inside source static tcp 192.168.1.30 443 interface FastEthernet4 8443
ip nat inside source static tcp 192.168.1.1 443 interface FastEthernet4 6000
ip nat inside source static tcp 192.168.1.40 25 interface FastEthernet4 25
ip nat inside destination list 114 pool voip-rtp
ip route 0.0.0.0 0.0.0.0 198.51.100.9
ip access-list extended INTERNET_IN
 permit udp host 203.0.113.77 eq domain any
 permit udp any host 198.51.100.10 eq 5060
 permit udp any any range 10000 20000
 permit tcp any any established
 permit tcp any any eq 22
 permit tcp any any eq 8443
 permit tcp any any eq 6000
 permit tcp any any eq smtp
 permit icmp any any
 deny ip any any log
access-list 10 permit 192.168.1.0 0.0.0.255
access-list 23 permit 192.168.1.0 0.0.0.255
access-list 23 permit any
access-list 114 permit udp any any range 10000 20000
ipv6 unicast-routing
ipv6 route ::/0 2001:DB8:1::1
line con 0
line vty 0 4
 access-class 23 in
 transport input telnet ssh
line vty 5 15
 transport input all
"""
