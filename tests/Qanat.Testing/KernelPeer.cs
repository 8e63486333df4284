namespace Qanat.Testing;

/// <summary>A real Linux kernel with every tunnel module, booted in seconds by <c>tests/peers/kernel-peer</c>.</summary>
public sealed class KernelPeer : IDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(10); // The first start fetches packages.
    private readonly string _name = $"qt-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>Boots it.</summary>
    /// <param name="host">The namespace whose taps it gets; they are made here, and are up.</param>
    /// <param name="taps">Names of the taps; they are eth0, eth1, ... in the guest, down and without addresses.</param>
    public KernelPeer(TestNamespace host, params string[] taps)
    {
        foreach (var tap in taps)
            host.Do($"ip tuntap add {tap} mode tap", $"ip link set {tap} up");
        var tapOptions = string.Join(' ', taps.Select(tap => $"--tap {tap}"));
        _ = Control($"start {_name} --netns {host.Name} --life 2400 {tapOptions}", BootLimit).Required;
        // No duplicate address detection, router solicitations or link-local addresses: packets are the test's alone.
        Do("sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0",
            "for d in /proc/sys/net/ipv6/conf/*; do echo 0 >$d/accept_dad; echo 1 >$d/addr_gen_mode; done");
    }

    /// <summary>Runs a line of shell in the guest.</summary>
    /// <param name="command">The line.</param>
    /// <param name="seconds">How long it may take.</param>
    public CommandResult Run(string command, int seconds = 60) =>
        Control($"exec -t {seconds} {_name} -- sh -c {Quoted(command)}", TimeSpan.FromSeconds(seconds + 15)) with { Command = command };

    /// <summary>Runs lines of shell in the guest, each of which must succeed.</summary>
    /// <returns>The standard output of the last.</returns>
    public string Do(params ReadOnlySpan<string> commands)
    {
        var output = "";
        foreach (var command in commands)
            output = Run(command).Required;
        return output;
    }

    /// <summary>Starts a line of shell in the guest, to end with it.</summary>
    public void Start(string command) => Do($"({command}) >/dev/null 2>&1 </dev/null &");

    /// <inheritdoc/>
    public void Dispose() => Control($"stop {_name}", Wait.Limit);

    private static string Quoted(string command) => $"'{command.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static CommandResult Control(string arguments, TimeSpan limit)
    {
        using var running = new RunningCommand($"{Repository.PathOf("tests/peers/kernel-peer")} {arguments}");
        return running.WaitForExit(limit);
    }
}
