using Qanat.Daemon.WireGuard.Up;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>A host and a record in memory, on which any step may fail.</summary>
internal sealed class FakeUpHost : IUpHost, IUpRecords
{
    private uint _priority = 32766;

    /// <summary>What there is: addresses, routes, rules; and what programs were given to read.</summary>
    public HashSet<string> Things { get; } = [];

    /// <summary>Commands of programs, in order.</summary>
    public List<string> Programs { get; } = [];

    /// <summary>The folders that they ran in, in order.</summary>
    public List<string> Folders { get; } = [];

    /// <summary>Called before each thing that is done.</summary>
    public Action<string> Before { get; set; } = _ => { };

    /// <summary>The programs that there are.</summary>
    public HashSet<string> Installed { get; } = ["nft", "bash"];

    /// <summary>The record as it is kept.</summary>
    public UpRecord? Kept { get; private set; }

    public ResolverKind Resolver { get; set; } = ResolverKind.Resolvconf;

    public bool HasMarkRules => Things.Any(thing => thing.Contains("Mark = 5", StringComparison.Ordinal));

    public UpRecord? Load() => Kept;

    public UpRecord New(string? file) => new(UpRecord.CurrentVersion, "boot", 7, 1, file);

    public void Save(UpRecord record) => Kept = record;

    public void Delete() => Kept = null;

    public bool HasDevice(string device) => true;

    public HostFacts Look(IReadOnlyList<IpAddress> endpoints, string device, uint mark) => new();

    public IReadOnlyList<InterfaceAddress> Addresses(string device) => [];

    public void AddAddress(string device, InterfaceAddress address) => Do($"address {address}");

    public void DeleteAddress(string device, InterfaceAddress address) => Undo($"address {address}");

    public void PromoteSecondaries(string device) => Do("promote");

    public void BringUp(string device, int mtu) => Do($"up {mtu}");

    public void AddRoute(string device, AllowedIp destination, string? table) => Do($"route {destination} {table}");

    public void DeleteRoute(string device, AllowedIp destination, string? table) => Undo($"route {destination} {table}");

    public uint FirstPriority(bool isIPv6) => --_priority;

    public void AddRule(KeptRule rule) => Do($"rule {rule}");

    public void DeleteRule(KeptRule rule) => Undo($"rule {rule}");

    public void SetSourceValidMark(bool value)
    {
        if (value)
            Do("src_valid_mark");
        else
            Undo("src_valid_mark");
    }

    public bool HasProgram(string name) => Installed.Contains(name);

    public void Run(
        IReadOnlyList<string> words, string input, Action<string> output,
        IReadOnlyDictionary<string, string>? variables = null, string folder = "/")
    {
        var command = string.Join(' ', words);
        Folders.Add(folder);
        Before(command);
        Programs.Add(command);
        foreach (var line in input.Split('\n'))
            if (line.StartsWith("add table", StringComparison.Ordinal))
                Things.Add(line["add ".Length..]);
            else if (line.StartsWith("delete table", StringComparison.Ordinal))
                Assert.True(Things.Remove(line["delete ".Length..]), line);
            else if (line.StartsWith("table", StringComparison.Ordinal))
                Things.Add(line.TrimEnd('{', ' '));
    }

    private void Do(string thing)
    {
        Before(thing);
        Things.Add(thing);
    }

    private void Undo(string thing)
    {
        Before(thing);
        Things.Remove(thing);
    }
}
