using System.Text;
using Qanat.Daemon.State;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Tests;

public sealed class StateStoreTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly Bench _bench = new();

    private static readonly StateEntry Entry = new()
    {
        Phase = StatePhase.Live,
        Index = 5,
        Spec = new() { Name = "t", Mode = "ipip", Remote = "192.0.2.1", Ttl = 9, Tos = 3 },
        Link = 2,
    };

    private string Bad => $"{_bench.Paths.State}.bad";

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_was_saved_is_loaded()
    {
        _bench.Store().Save([Entry]);
        Assert.Equal([Entry], _bench.Store().Load());
    }

    [Fact]
    public void The_file_is_its_owners_alone()
    {
        _bench.Store().Save([Entry]);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_bench.Paths.State));
        Assert.Equal([_bench.Paths.State], Directory.GetFiles(_bench.Paths.Directory));
    }

    [Theory]
    [InlineData("another boot", 7)]
    [InlineData("boot", 8)]
    public void The_state_of_another_boot_or_namespace_is_discarded(string boot, ulong cookie)
    {
        _bench.Store(boot, cookie).Save([Entry]);
        Assert.Empty(_bench.Store().Load());
        Assert.False(File.Exists(_bench.Paths.State));
        Assert.Single(_bench.Log);
    }

    [Fact]
    public void A_file_that_was_cut_short_anywhere_is_moved_aside()
    {
        _bench.Store().Save([Entry]);
        var whole = File.ReadAllBytes(_bench.Paths.State);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_bench.Paths.State, whole.AsSpan(0, length));
            Assert.Empty(_bench.Store().Load());
            Assert.False(File.Exists(_bench.Paths.State));
            Assert.Equal(length, new FileInfo(Bad).Length);
            Assert.Equal(length + 1, _bench.Log.Count);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"version":3,"boot":"boot","cookie":7,"tunnels":[]}""")]
    [InlineData("""{"version":"2","boot":"boot","cookie":7,"tunnels":[]}""")]
    [InlineData("""{"version":2,"boot":"boot","cookie":7,"tunnels":null}""")]
    [InlineData("""{"version":1,"boot":"boot","cookie":7,"tunnels":null}""")]
    [InlineData("""{"version":2,"boot":"boot","cookie":7,"tunnels":[],"more":1}""")]
    [InlineData("""{"version":1,"boot":"boot","cookie":7,"tunnels":[],"more":1}""")]
    public void A_file_that_makes_no_sense_is_moved_aside_with_one_line(string text)
    {
        File.WriteAllText(_bench.Paths.State, text);
        Assert.Empty(_bench.Store().Load());
        Assert.Equal(text, File.ReadAllText(Bad));
        Assert.Contains(Bad, Assert.Single(_bench.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""null""")]
    [InlineData("""{}""")]
    [InlineData("""{"phase":"Live","index":0,"spec":{"name":"t","mode":"ipip"}}""")]
    [InlineData("""{"phase":"Adding","index":5,"spec":{"name":"t","mode":"ipip"}}""")]
    [InlineData("""{"phase":9,"index":5,"spec":{"name":"t","mode":"ipip"}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":null}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t"}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"a/b","mode":"ipip"}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t","mode":"nosuch"}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t","mode":"ipip","local":"1.2.3"}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t","mode":"ipip","ttl":256}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t","mode":"sit","sit":{"prefix":"2001:db8::1/32"}}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t","mode":"sit","sit":{"routers":[null]}}}""")]
    [InlineData("""{"phase":"Live","index":5,"spec":{"name":"t","mode":"ipip"},"link":-1}""")]
    public void A_tunnel_that_makes_no_sense_spoils_the_file(string tunnel) =>
        A_file_that_makes_no_sense_is_moved_aside_with_one_line(
            $$"""{"version":2,"boot":"boot","cookie":7,"tunnels":[{{tunnel}}]}""");

    [Fact]
    public void A_file_of_the_first_version_is_read()
    {
        File.WriteAllText(_bench.Paths.State, """
            {"version":1,"boot":"boot","cookie":7,"tunnels":[
              {"phase":"Live","index":5,"name":"t","mode":"ipip","local":"any","remote":"192.0.2.1",
               "ttl":9,"tos":3,"pmtudisc":true,"link":2,"pendingMtu":0},
              {"phase":"Adding","index":0,"name":"u","mode":"ipip","local":"192.0.2.2","remote":"any",
               "ttl":0,"tos":0,"pmtudisc":false,"link":0,"pendingMtu":0}]}
            """);
        Assert.Equal(
            [
                Entry,
                new()
                {
                    Phase = StatePhase.Adding,
                    Index = 0,
                    Spec = new() { Name = "u", Mode = "ipip", Local = "192.0.2.2", Pmtudisc = false },
                },
            ],
            _bench.Store().Load());
    }

    [Theory]
    [InlineData("""null""")]
    [InlineData("""{}""")]
    [InlineData("""{"phase":"Live","index":0,"name":"t","mode":"ipip","local":"any","remote":"any"}""")]
    [InlineData("""{"phase":"Live","index":5,"name":"a/b","mode":"ipip","local":"any","remote":"any"}""")]
    [InlineData("""{"phase":"Live","index":5,"name":"t","mode":"ipip","local":"any","remote":"any","ttl":256}""")]
    public void A_tunnel_that_makes_no_sense_spoils_a_file_of_the_first_version(string tunnel) =>
        A_file_that_makes_no_sense_is_moved_aside_with_one_line(
            $$"""{"version":1,"boot":"boot","cookie":7,"tunnels":[{{tunnel}}]}""");

    [Fact]
    public void Random_damage_never_throws()
    {
        _bench.Store().Save([Entry, Entry with { Index = 6, Spec = Entry.Spec with { Name = "u" } }]);
        var whole = File.ReadAllBytes(_bench.Paths.State);
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_bench.Paths.State, bytes);
            _bench.Store().Load();
        }
    }

    [Fact]
    public void What_an_interrupted_write_left_is_cleared_away()
    {
        _bench.Store().Save([Entry]);
        File.WriteAllText($"{_bench.Paths.State}.new", "half a fi");
        Assert.Equal([Entry], _bench.Store().Load());
        Assert.Equal([_bench.Paths.State], Directory.GetFiles(_bench.Paths.Directory));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_named_in_the_error()
    {
        // A folder in which not even root can make a file.
        var store = new StateStore("/sys/kernel/1.json", "boot", 7, new StateFiles(), new FakeLog().Log);
        var fault = Assert.Throws<LinuxException>(() => store.Save([Entry]));
        Assert.Contains(fault.Error, new[] { Errno.EACCES, Errno.EPERM, Errno.EROFS });
        Assert.Contains("/sys/kernel/1.json", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file()
    {
        _bench.Store().Save([Entry]);
        _bench.Disk.WriteFault = new IOException("full", Errno.ENOSPC);
        var fault = Assert.Throws<LinuxException>(() => _bench.Store().Save([]));
        Assert.Equal(Errno.ENOSPC, fault.Error);
        Assert.Equal([Entry], _bench.Store().Load());
    }

    [Fact]
    public void A_real_full_device_is_ENOSPC()
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        var fault = Assert.ThrowsAny<IOException>(() => full.Write(Encoding.ASCII.GetBytes("x")));
        Assert.Equal(Errno.ENOSPC, Errno.Of(fault));
    }
}
