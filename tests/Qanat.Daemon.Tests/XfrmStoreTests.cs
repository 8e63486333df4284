using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using static Qanat.Daemon.Tests.Fakes.XfrmBench;

namespace Qanat.Daemon.Tests;

/// <summary>The file of states and policies.</summary>
public sealed class XfrmStoreTests : IDisposable
{
    private readonly XfrmBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Keys_are_in_a_file_that_only_its_owner_reads()
    {
        _bench.Xfrm.Add(StateOf(5));
        Assert.Contains(Key, File.ReadAllText(_bench.Paths.XfrmState), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bench.Paths.XfrmState));
        Assert.Single(Directory.GetFiles(_bench.Paths.Directory));
    }

    [Fact]
    public void With_the_last_state_the_file_goes()
    {
        _bench.Xfrm.Add(StateOf(5));
        _bench.Xfrm.FlushStates();
        Assert.Empty(Directory.GetFiles(_bench.Paths.Directory));
    }

    [Theory]
    [InlineData("other", 7)]
    [InlineData("boot", 8)]
    public void A_file_of_another_boot_or_namespace_is_discarded(string boot, ulong cookie)
    {
        _bench.Xfrm.Add(StateOf(5));
        Assert.Empty(_bench.Store(boot, cookie).Load().States);
        Assert.False(File.Exists(_bench.Paths.XfrmState));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"version":2,"boot":"boot","cookie":7,"states":[],"policies":[]}""")]
    [InlineData("""{"version":1,"boot":"boot","cookie":7,"states":[null],"policies":[]}""")]
    [InlineData("""{"version":1,"boot":"boot","cookie":7,"states":[]}""")]
    [InlineData("""{"version":1,"boot":"boot","cookie":7,"states":[],"policies":[],"more":1}""")]
    public void A_file_that_makes_no_sense_is_moved_aside(string text)
    {
        File.WriteAllText(_bench.Paths.XfrmState, text);
        Assert.Equal(0, _bench.Restart());
        Assert.False(File.Exists(_bench.Paths.XfrmState));
        Assert.True(File.Exists(_bench.Paths.XfrmState + ".bad"));
        Assert.Contains("moved to", Assert.Single(_bench.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_in_it_that_cannot_be_is_forgotten_and_the_others_come_back()
    {
        _bench.Xfrm.Add(StateOf(5));
        _bench.Xfrm.Add(StateOf(6));
        var text = File.ReadAllText(_bench.Paths.XfrmState);
        File.WriteAllText(_bench.Paths.XfrmState, text
            .Replace("\"spi\":6,", "\"spi\":6,\"ifId\":1,\"proto\":\"ah\",", StringComparison.Ordinal)
            .Replace("\"proto\":\"esp\",\"spi\":6", "\"spi\":6", StringComparison.Ordinal));
        Assert.Equal(1, _bench.Restart());
        Assert.Contains("forgotten", Assert.Single(_bench.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kill_at_any_step_of_an_addition_leaves_all_of_it_or_nothing()
    {
        _bench.Xfrm.Add(StateOf(5));
        for (var steps = 0; ; steps++)
        {
            _bench.Crash.Arm(steps);
            try
            {
                _bench.Xfrm.Add(StateOf(6));
            }
            catch (KilledException)
            {
            }
            var finished = !_bench.Crash.Hit;
            var count = _bench.Restart();
            Assert.InRange(count, finished ? 2 : 1, 2);
            if (finished)
                break;
            if (count == 2)
                _bench.Xfrm.RemoveState(Packets.IpAddress.From(new Packets.IPv4Address(0xC0000202)), 6, 0);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_said_so_with_the_files_name()
    {
        _bench.Disk.WriteFault = new UnauthorizedAccessException("no", new IOException("no", Errno.EACCES));
        var fault = Assert.Throws<LinuxException>(() => _bench.Xfrm.Add(StateOf(5)));
        Assert.Contains(_bench.Paths.XfrmState, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, fault.Message, StringComparison.Ordinal);
    }
}
