using System.Text.Json;
using Qanat.Linux;
using Qanat.Linux.Storage;
using Qanat.Testing;
using Qanat.Vpn.Storage;

namespace Qanat.Vpn.Tests;

public sealed class DirectoryTests : IDisposable
{
    private readonly Root _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var network = Some.Network(access: "intranet=192.168.0.0/16") with
        {
            DnsServers = VpnText.Dns("10.8.0.1").Servers,
            DnsSearch = ["corp.example"],
            Mtu = 1380,
            PostQuantum = true,
        };
        var directory = _root.Open();
        directory.Create(network, new(AuditEvent.Init));
        directory.Update(before => (before.Invite(
            "anna", Some.Now, Some.Now + TimeSpan.FromDays(1), VpnText.Prefixes("split", "192.168.1.0/24")).Network, null));
        directory.Update(before => (before.Rotate("anna", Some.Now, TimeSpan.FromMinutes(1)).Network, null)).Dispose();
        using var made = directory.Update(before => (before.Rotate("anna", Some.Now, TimeSpan.FromHours(1)).Network, null));
        using var read = directory.Read();
        Assert.Equivalent(made, read, strict: true);
        Assert.Equal(network.PrivateKey, read.PrivateKey);
        Assert.Equal(made.Find("anna")!.PresharedKey, read.Find("anna")!.PresharedKey);
        Assert.Equal(2, read.Find("anna")!.FormerKeys.Count());
        Assert.Equal(made.Find("anna")!.FormerKeys, read.Find("anna")!.FormerKeys);
    }

    [Fact]
    public void Nobody_else_may_look_into_it()
    {
        var directory = _root.Make("anna");
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.Folder));
        Assert.Equal(["audit.log", "lock", "network.json"], Files(directory));
        Assert.All(Directory.EnumerateFiles(directory.Folder), file => Assert.Equal(owner, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Of_a_file_that_somebody_opened_to_all_it_warns()
    {
        var directory = _root.Make();
        Assert.Null(directory.Warning);
        foreach (var path in (string[])[directory.Folder, Path.Combine(directory.Folder, "network.json")])
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead);
        Assert.StartsWith($"Warning: {directory.Folder}/network.json is world accessible", directory.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_is_made_once()
    {
        var directory = _root.Make();
        using var other = Some.Network();
        Assert.Contains("there is a network office already", Assert.Throws<VpnException>(() =>
            directory.Create(other, new(AuditEvent.Init))).Message);
        Assert.Equal(["office"], VpnDirectory.Names(_root.Path));
        Assert.Contains("there is no network other", Assert.Throws<VpnException>(() => _root.Open("other").Read()).Message);
        Assert.False(Directory.Exists(Path.Combine(_root.Path, "other")));
    }

    [Fact]
    public void A_full_disk_leaves_no_network_behind()
    {
        var directory = _root.Open(files: new FullDisk());
        using var network = Some.Network();
        var full = Assert.Throws<LinuxException>(() => directory.Create(network, new(AuditEvent.Init)));
        Assert.Equal(Errno.ENOSPC, full.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root.Path));
    }

    [Fact]
    public void A_full_disk_leaves_a_network_as_it_was()
    {
        var directory = _root.Make("anna");
        var before = Contents(directory);
        Assert.Throws<LinuxException>(() => _root.Open(files: new FullDisk()).Update(network =>
            (network.Invite("ben", Some.Now).Network, new(AuditEvent.Invite, "ben"))));
        Assert.Equal(before, Contents(directory));
    }

    [Fact]
    public void What_cannot_be_delivered_has_not_happened()
    {
        var directory = _root.Make("anna");
        var before = Contents(directory);
        Assert.Throws<NotSupportedException>(() => directory.Update(
            network => (network.Invite("ben", Some.Now).Network, new(AuditEvent.Invite, "ben")),
            () =>
            {
                Assert.Contains("ben", _root.Audit[^1]);
                throw new NotSupportedException();
            }));
        Assert.Equal(before, Contents(directory));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"version\": 1}")]
    [InlineData("{\"version\": 2}")]
    public void A_file_without_sense_is_refused_and_stays(string text)
    {
        var directory = _root.Make();
        var file = Path.Combine(directory.Folder, "network.json");
        File.WriteAllText(file, text);
        var refused = Assert.Throws<VpnException>(() => directory.Read());
        Assert.StartsWith(file, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Throws<VpnException>(() => directory.Update(network => (network.Revoke("anna"), null)));
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Theory]
    [InlineData("\"fd00:8::2\"", "\"fd00:9::2\"", "not for peers of fd00:8::/64")]
    [InlineData("\"10.8.0.3\"", "\"10.8.0.2\"", "10.8.0.2, which is another's")]
    [InlineData("\"10.8.0.3\"", "\"10.8.0.1\"", "not for peers")]
    [InlineData("\"ben\"", "\"anna\"", "two peers are called anna")]
    [InlineData("\"ben\"", "\"../ben\"", "no name for a peer")]
    [InlineData("\"10.8.0.0/24\"", "\"10.8.0.0/31\"", "too small")]
    [InlineData("\"version\": 1", "\"version\": 7", "version 7")]
    [InlineData("\"access\"", "\"acces\"", "makes no sense")]
    public void What_hands_have_changed_is_checked(string was, string became, string why)
    {
        var directory = _root.Make("anna", "ben");
        var file = Path.Combine(directory.Folder, "network.json");
        var text = File.ReadAllText(file);
        Assert.Contains(was, text);
        File.WriteAllText(file, text.Replace(was, became, StringComparison.Ordinal));
        Assert.Contains(why, Assert.Throws<VpnException>(() => directory.Read()).Message);
    }

    [Fact]
    public void Every_cut_of_the_file_is_refused_or_whole()
    {
        var directory = _root.Make("anna");
        var file = Path.Combine(directory.Folder, "network.json");
        var bytes = File.ReadAllBytes(file);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            File.WriteAllBytes(file, bytes[..length]);
            Assert.Throws<VpnException>(() => directory.Read());
        }
    }

    [Fact]
    public void Many_writers_take_their_turns()
    {
        _root.Make();
        Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 4 }, number =>
            _root.Open().Update(network => (network.Invite($"peer{number}", Some.Now).Network, new(AuditEvent.Invite, $"peer{number}"))));
        using var network = _root.Open().Read();
        Assert.Equal(24, network.Peers.SelectMany(peer => peer.Addresses).Where(address => !address.IsIPv6).Distinct().Count());
        Assert.Equal(25, _root.Audit.Length);
    }

    [Fact]
    public void One_hub_runs_a_network()
    {
        var directory = _root.Make();
        Assert.False(directory.IsRun);
        using (directory.TakeHub())
        {
            Assert.True(_root.Open().IsRun);
            Assert.Contains("another process runs the network office", Assert.Throws<VpnException>(() => _root.Open().TakeHub()).Message);
            directory.Update(network => (network.Invite("anna", Some.Now).Network, null));
        }
        Assert.False(directory.IsRun);
        directory.TakeHub().Dispose();
        Assert.Throws<VpnException>(() => _root.Open("other").TakeHub());
    }

    [Fact]
    public void What_is_due_is_done_once_and_a_clock_put_back_does_not_undo_it()
    {
        var directory = _root.Make();
        var end = Some.Now + TimeSpan.FromHours(1);
        directory.Update(network => (network.Invite("anna", Some.Now, end).Network.Invite("ben", Some.Now).Network, null));
        directory.Update(network => (network.Rotate("ben", Some.Now, TimeSpan.FromHours(1)).Network, null));
        directory.Update(network => (network.Rotate("ben", Some.Now, TimeSpan.FromHours(1)).Network, null));
        _root.Calendar.Now = end;
        directory.Expire();
        directory.Expire();
        Assert.Equal(["init", "expire anna", "expire-key ben", "expire-key ben"], _root.Audit.Select(Said));
        _root.Calendar.Now = Some.Now;
        using var network = directory.Read();
        Assert.True(network.Find("anna")!.HasExpired);
        Assert.Null(network.Find("ben")!.Former);
        Assert.Equal(network.Find("ben")!.PublicKey, Assert.Single(VpnInterface.Of(network, Some.Now).Config.Peers).PublicKey);
    }

    [Fact]
    public void The_audit_log_says_who_did_what_when_and_holds_no_key()
    {
        var directory = _root.Make();
        using var network = directory.Update(before =>
            (before.Invite("anna", Some.Now).Network, new(AuditEvent.Invite, "anna") { Addresses = "10.8.0.2", Who = "uid 0, \"x\"\n" }));
        directory.Record(
            new AuditEntry(AuditEvent.Connect, "anna") { From = "192.0.2.7:1" },
            new AuditEntry(AuditEvent.Roam, "anna") { From = "192.0.2.8:1" });
        Assert.Equal(["init", "invite anna", "connect anna", "roam anna"], _root.Audit.Select(Said));
        Assert.Equal(
            """{"time":"2026-01-01T12:00:00+00:00","event":"invite","peer":"anna","addresses":"10.8.0.2","who":"uid 0, \"x\"\n"}""",
            _root.Audit[1]);
        Assert.All(_root.Audit, line => Assert.DoesNotMatch("[A-Za-z0-9+/]{43}=", line));
    }

    [Fact]
    public void Who_follows_it_hears_of_changes()
    {
        var directory = _root.Make();
        var heard = 0;
        using (directory.Watch(() => Interlocked.Increment(ref heard)))
        {
            _root.Open().Update(network => (network.Invite("anna", Some.Now).Network, null));
            Wait.Until(() => Volatile.Read(ref heard) > 0, what: "the change to be heard of");
        }
    }

    private static string Said(string line)
    {
        using var entry = JsonDocument.Parse(line);
        return entry.RootElement.TryGetProperty("peer", out var peer)
            ? $"{entry.RootElement.GetProperty("event")} {peer}"
            : $"{entry.RootElement.GetProperty("event")}";
    }

    private static string[] Files(VpnDirectory directory) =>
        [.. Directory.EnumerateFiles(directory.Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static string Contents(VpnDirectory directory) =>
        string.Join('\n', Files(directory).Select(file => $"{file}: {File.ReadAllText(Path.Combine(directory.Folder, file))}"));

    // A disk that has room for half of what is written.
    private sealed class FullDisk : IStateFiles
    {
        private readonly StateFiles _real = new();

        public byte[]? Read(string path) => _real.Read(path);

        public void Write(string path, ReadOnlySpan<byte> bytes)
        {
            _real.Write(path, bytes[..(bytes.Length / 2)]);
            throw new IOException("No space left on device", Errno.ENOSPC);
        }

        public void Rename(string source, string destination) => _real.Rename(source, destination);

        public void SyncDirectory(string path) => _real.SyncDirectory(path);

        public void Delete(string path) => _real.Delete(path);
    }
}
