using Qanat.Daemon.Api;
using Qanat.Daemon.State;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;

namespace Qanat.Daemon.Tests;

/// <summary>What all kept documents share, and the texts that tell them apart.</summary>
public sealed class DocumentStoreTests : IDisposable
{
    private const string Whole = """{"version":1,"boot":"boot","cookie":7,"entries":[]}""";
    private static readonly FouPort Port = new() { Port = 5555, Gue = true };
    private readonly Bench _bench = new();
    private readonly FakeLog _log = new();

    private string Kept => _bench.Paths.Fou;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_was_saved_is_loaded()
    {
        Ports().Save([Port]);
        Assert.Equal([Port], Ports().Load());
        Assert.True(Ports().Exists);
    }

    [Fact]
    public void Where_there_is_no_file_there_is_nothing_and_nothing_is_said()
    {
        Assert.Empty(Ports().Load());
        Assert.False(Ports().Exists);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void No_settings_need_no_file()
    {
        Ports().Save([Port]);
        Ports().Save([]);
        Assert.False(Ports().Exists);
    }

    [Fact]
    public void A_deleted_file_is_gone_and_may_be_deleted_again()
    {
        Ports().Save([Port]);
        Ports().Delete();
        Ports().Delete();
        Assert.False(Ports().Exists);
    }

    [Theory]
    [InlineData("another boot", 7)]
    [InlineData("boot", 8)]
    public void A_file_of_another_boot_or_namespace_is_discarded(string boot, ulong cookie)
    {
        Ports(boot, cookie).Save([Port]);
        Assert.Empty(Ports().Load());
        Assert.False(Ports().Exists);
        Assert.EndsWith($"{Kept} belongs to a network namespace that is no more, and was discarded", Assert.Single(_log.Lines));
    }

    [Theory]
    [InlineData("null", "it is empty")]
    [InlineData("""{"version":2,"boot":"boot","cookie":7,"entries":[]}""", "its format is version 2")]
    [InlineData("""{"version":1,"boot":"boot","cookie":7,"entries":[null]}""", "an entry in it makes no sense")]
    public void A_file_that_makes_no_sense_is_moved_aside_and_told_why(string text, string why)
    {
        File.WriteAllText(Kept, text);
        Assert.Empty(Ports().Load());
        Assert.Equal(text, File.ReadAllText($"{Kept}.bad"));
        Assert.EndsWith($"{Kept} cannot be used and was moved to {Kept}.bad: {why}", Assert.Single(_log.Lines));
    }

    [Fact]
    public void A_look_at_a_file_takes_nothing_from_who_is_writing_it()
    {
        Ports().Save([Port]);
        File.WriteAllText($"{Kept}.new", "half a");
        Assert.NotNull(Ports().Peek());
        Assert.Null(Ports(cookie: 8).Peek());
        File.WriteAllText(Kept, "null");
        Assert.Null(Ports().Peek());
        Assert.Equal(["half a", "null"], [File.ReadAllText($"{Kept}.new"), File.ReadAllText(Kept)]);
        Ports().Delete();
        Assert.Null(Ports().Peek());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_file_that_was_cut_short_anywhere_is_moved_aside()
    {
        for (var length = 0; length < Whole.Length; length++)
        {
            File.WriteAllText(Kept, Whole[..length]);
            Assert.Empty(Ports().Load());
            Assert.False(Ports().Exists);
        }
        Assert.Equal(Whole.Length, _log.Lines.Count);
    }

    [Fact]
    public void The_word_of_a_fault_in_keys_is_not_repeated()
    {
        File.WriteAllText(_bench.Paths.XfrmState, """{"version":1,"boot":"boot","cookie":7,"0x5ec4e7":1}""");
        Assert.Empty(States().Load().States);
        Assert.DoesNotContain("0x5ec4e7", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_with_what_it_keeps()
    {
        _bench.Disk.WriteFault = new IOException("full", Errno.ENOSPC);
        Tells($"settings are kept in {Kept}, which must be writable", () => Ports().Save([Port]));
        Tells($"the tunnels are kept in {_bench.Paths.State}, which must be writable", () => _bench.Store().Save([]));
        Tells($"IPsec states and policies are kept in {_bench.Paths.XfrmState}, which must be writable", () =>
            States().Save([new(XfrmBench.StateOf(5), new(Bytes: 0, Packets: 0, Added: 0, Used: 0))], []));

        static void Tells(string detail, Action save)
        {
            var fault = Assert.Throws<LinuxException>(save);
            Assert.Equal(Errno.ENOSPC, fault.Error);
            Assert.Contains(detail, fault.Message, StringComparison.Ordinal);
        }
    }

    private EntryStore<FouPort> Ports(string boot = "boot", ulong cookie = 7) =>
        new(Kept, boot, cookie, _bench.Disk, _log.Log, EntryJson.Default.EntryDocumentFouPort);

    private XfrmStore States() => new(_bench.Paths.XfrmState, "boot", 7, _bench.Disk, _log.Log);
}
