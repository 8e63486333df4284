using Qanat.Vpn.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn.Tests;

/// <summary>Networks to test with.</summary>
internal static class Some
{
    /// <summary>When they were made.</summary>
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A network without peers.</summary>
    public static VpnNetwork Network(string subnets = "10.8.0.0/24,fd00:8::/64", string access = "peers") => new()
    {
        Name = "office",
        Endpoint = VpnText.Endpoint("vpn.example.com:51820"),
        PrivateKey = WireGuardKeys.GeneratePrivate(),
        Subnets = VpnText.Subnets(subnets),
        Access = VpnAccess.Parse(access),
        Created = Now,
    };

    /// <summary>A network with peers.</summary>
    public static VpnNetwork With(params ReadOnlySpan<string> peers)
    {
        var network = Network();
        foreach (var peer in peers)
            network = network.Invite(peer, Now).Network;
        return network;
    }
}

/// <summary>A calendar that stands still until it is moved.</summary>
internal sealed class Calendar : TimeProvider
{
    /// <summary>The time of day.</summary>
    public DateTimeOffset Now { get; set; } = Some.Now;

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>A folder for networks, which goes with everything in it.</summary>
internal sealed class Root : IDisposable
{
    public Root() => Path = Directory.CreateTempSubdirectory("qanat-vpn-").FullName;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The clock of all directories in it.</summary>
    public Calendar Calendar { get; } = new();

    /// <summary>A network's directory.</summary>
    public VpnDirectory Open(string name = "office", Linux.Storage.IStateFiles? files = null) => new(name, Path, Calendar, files);

    /// <summary>A network's directory with peers.</summary>
    public VpnDirectory Make(params ReadOnlySpan<string> peers)
    {
        var directory = Open();
        using var network = Some.With(peers);
        directory.Create(network, new(AuditEvent.Init));
        return directory;
    }

    /// <summary>The lines of the audit log.</summary>
    public string[] Audit => File.ReadAllLines(System.IO.Path.Combine(Path, "office", "audit.log"));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
