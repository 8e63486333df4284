using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>What is said, and what is left alone, when something that Qanat needs is missing.</summary>
public sealed class RefusalTests : IDisposable
{
    private const string Add = "qanat tunnel add tun1 mode ipip remote 192.0.2.1 local 192.0.2.2";
    private readonly TestNamespace _host = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-anyone-").FullName;

    public void Dispose()
    {
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_run_directory_that_cannot_be_written_is_named_before_anything_is_changed()
    {
        var result = _host.Run($"unshare -m sh -c 'mount -t tmpfs -o ro none $QANAT_RUN_DIR && {Add}'");
        RefusedWith("Read-only file system", result);
        Assert.Contains(_host.RunDirectory, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_named_before_anything_is_changed() =>
        RefusedWith("No space left on device", OnAFullDisk("", Add));

    [Fact]
    public void A_disk_that_fills_up_later_keeps_what_is_there()
    {
        var result = OnAFullDisk(
            Add,
            "qanat tunnel add tun2 mode ipip remote 192.0.2.3 local 192.0.2.2; qanat tunnel change tun1 ttl 9; qanat tunnel show");
        Assert.Contains("No space left on device", result.Error, StringComparison.Ordinal);
        Assert.Equal("tun1: ip/ip remote 192.0.2.1 local 192.0.2.2 ttl inherit", result.Output.TrimEnd());
        Assert.False(_host.Has("tun2"));
    }

    [Fact]
    public void Without_CAP_NET_ADMIN_the_capability_is_named() =>
        RefusedWith("CAP_NET_ADMIN", _host.Run($"setpriv --bounding-set=-net_admin --inh-caps=-net_admin {Add}"));

    [Fact]
    public void Without_CAP_NET_RAW_the_capability_is_named() =>
        RefusedWith("CAP_NET_RAW", _host.Run($"setpriv --bounding-set=-net_raw --inh-caps=-net_raw {Add}"));

    [Theory]
    [InlineData("755", "CAP_NET_ADMIN is missing")]
    [InlineData("700", "run as root")]
    public void Without_root_what_is_missing_is_named(string modeOfRunDirectory, string words)
    {
        // A copy where anyone may run it; the folder that it was built in may be root's alone.
        _host.Do($"cp {Repository.Qanat} {_folder}", $"chmod 755 {_folder} {_folder}/qanat",
            $"chmod {modeOfRunDirectory} {_host.RunDirectory}");
        RefusedWith(words, _host.Run($"setpriv --reuid=65534 --regid=65534 --clear-groups {_folder}/{Add}"));
    }

    [Fact]
    public void Without_dev_net_tun_the_device_is_named() =>
        RefusedWith("/dev/net/tun", _host.Run($"unshare -m sh -c 'mount -t tmpfs none /dev/net && {Add}'"));

    private void RefusedWith(string reason, CommandResult result)
    {
        Assert.True(result.ExitCode is > 0 and < 128, result.ToString());
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
        Assert.InRange(result.Error.TrimEnd().Split('\n').Length, 1, 2); // iproute2's line, and one that says what to do
        Assert.False(_host.Has("tun1"));
        Assert.Empty(Directory.GetFiles(_host.RunDirectory));
        Wait.Until(() => _host.Daemon() is null, what: "a daemon that was started in vain to end");
    }

    // In a mount namespace of its own, so that nothing has to be unmounted: first, then the disk fills up, then the rest.
    private CommandResult OnAFullDisk(string first, string then)
    {
        var mount = "mount -t tmpfs -o size=1m none $QANAT_RUN_DIR";
        var fill = "cat /dev/zero >$QANAT_RUN_DIR/full 2>/dev/null";
        return _host.Run($"unshare -m sh -c '{string.Join('\n', mount, first, fill, then)}'", TimeSpan.FromMinutes(1));
    }
}
