using System.Net;
using Qanat.Linux;
using Qanat.Linux.Devices;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>How an attempt ended.</summary>
internal enum Outcome
{
    /// <summary>Something else was in the way.</summary>
    Untried,

    /// <summary>It works.</summary>
    Works,

    /// <summary>The kernel refuses it.</summary>
    Refused,

    /// <summary>The kernel takes it, and gets it wrong.</summary>
    Wrong,
}

/// <summary>What works when it is tried, in a network namespace that is made for the purpose and goes with it.</summary>
internal sealed record TrialFacts
{
    /// <summary>Why nothing could be tried; null when it was.</summary>
    public string? Impossible { get; init; }

    /// <summary>The offloads that a TUN device gets; null when none could be made.</summary>
    public GrantedOffloads? Offloads { get; init; }

    /// <summary>Whether TCP super-packets that are written to a TUN leave another one as the right segments.</summary>
    public Outcome TcpSegmentation { get; init; }

    /// <summary>The same of UDP.</summary>
    public Outcome UdpSegmentation { get; init; }

    /// <summary>The kinds of device that could be made: <c>veth</c>, <c>bridge</c>.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>
    /// Tries everything, if our rights count in the namespace that we are in: otherwise there would be no way back into it. The
    /// calling thread is there again afterwards.
    /// </summary>
    public static TrialFacts Run(SystemFiles files, RightsFacts rights)
    {
        if (rights.NetAdmin != Grant.Granted || !Capabilities.Effective.Has(Capability.SysAdmin))
            return new() { Impossible = "that takes CAP_NET_ADMIN and CAP_SYS_ADMIN" };
        try
        {
            using var home = NetworkNamespace.Create();
            return home.Run(() => Try(files));
        }
        catch (Exception fault) when (fault is LinuxException or Packets.PortClosedException)
        {
            return new() { Impossible = fault.Message };
        }
    }

    private static TrialFacts Try(SystemFiles files)
    {
        using var netlink = new RouteNetlink();
        var kinds = MakeKinds(netlink);
        using var left = TunDevice.Open("left", new() { VnetHeader = true, Offloads = TunOffloads.Plain });
        using var right = TunDevice.Open("right", new() { VnetHeader = false });
        var facts = new TrialFacts { Offloads = left.Offloads, Kinds = kinds };
        Configure(netlink, left.Index, SegmentationTrial.LeftNetwork);
        Configure(netlink, right.Index, SegmentationTrial.RightNetwork);
        if (!LetForward(files))
            return facts;
        var trial = new SegmentationTrial(left, right);
        return facts with
        {
            TcpSegmentation = trial.Tcp(),
            UdpSegmentation = left.Offloads.Granted.HasFlag(TunOffloads.Uso) ? trial.Udp() : Outcome.Untried,
        };
    }

    private static string[] MakeKinds(RouteNetlink netlink) =>
    [
        .. new (string Kind, Action Add)[]
        {
            ("veth", () => netlink.Links.AddVeth("veth0", "veth1")),
            ("bridge", () => netlink.Links.AddBridge("bridge0")),
        }.Where(kind => Succeeds(kind.Add)).Select(kind => kind.Kind),
    ];

    private static void Configure(RouteNetlink netlink, int index, IPAddress address)
    {
        netlink.Links.SetUp(index);
        netlink.Addresses.Add(new() { InterfaceIndex = index, Address = address, PrefixLength = 24 });
    }

    // The setting is the new namespace's own. In many containers /proc/sys cannot be written.
    private static bool LetForward(SystemFiles files)
    {
        try
        {
            File.WriteAllText(files.PathOf("proc/sys/net/ipv4/ip_forward"), "1");
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
