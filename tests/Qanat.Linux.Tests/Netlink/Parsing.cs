using System.Net;
using System.Net.NetworkInformation;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>Short names for what the tests are full of.</summary>
internal static class Parsing
{
    public static IPAddress Ip(string text) => IPAddress.Parse(text);

    public static IPNetwork Network(string text) => IPNetwork.Parse(text);

    public static PhysicalAddress Mac(string text) => PhysicalAddress.Parse(text);
}
