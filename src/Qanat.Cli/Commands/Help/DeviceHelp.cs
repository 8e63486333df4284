namespace Qanat.Cli.Commands.Help;

/// <summary>Examples of what is done with a device.</summary>
internal static class DeviceHelp
{
    /// <summary>Examples of <c>qanat capture</c>.</summary>
    public const string CaptureExamples = """
        Examples:
          qanat capture tap0
              A line for each packet of tap0, as tcpdump prints it, until Ctrl-C.

          qanat capture tun1 icmp
              The pings through our tunnel tun1: #1, #2, ... number the journeys, and the outer packet of each follows
              the inner one. What the tunnel dropped says why.

          qanat capture tun1 -w tun1.pcapng -c 1000
              A thousand packets into a file for Wireshark, inner and outer ones on interfaces of their own.

          qanat capture any -w - | wireshark -k -i -
              Everything, live.

          qanat capture eth0 --json ip proto 4 | jq .packet
              Packets as JSON.

        """;

    /// <summary>Examples of <c>qanat echo --help</c>.</summary>
    public const string EchoExamples = """
        Words:
          dev NAME                the device; one that exists keeps its mode and stays
          mode tun | tap          IP packets or Ethernet frames, of a device that is made
          address ADDRESS/LENGTH  an address that answers, IPv4 or IPv6; more than one may be given
          host ADDRESS/LENGTH     an address for this machine's side of the device
          lladdr MAC              the Ethernet address that answers (02:00 and the address, unless given)
          count N                 end after so many answers
          quiet                   print no exchanges

        Examples:
          qanat echo dev tap0 address 10.18.0.3/24 address fd18::3/64
              and in another terminal: ip address add 10.18.0.1/24 dev tap0; ping 10.18.0.3
          The same in one command, with IP packets instead of Ethernet frames:
            qanat echo dev tun0 address 10.18.0.3/24 host 10.18.0.1/24
          Behind a device that exists, for a program to read:
            qanat echo dev tap7 address 10.18.0.3/24 count 10 --json | jq -r .event

        """;
}
