using Qanat.Daemon.WireGuard.Sight;
using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>Asking interfaces how they fare, whoever is behind their sockets.</summary>
public sealed class InterfaceSocketsTests : IDisposable
{
    private const string Key = "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-test-").FullName;

    private InterfaceSockets Sockets => new(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task One_that_answers_is_understood()
    {
        using var fake = new FakeInterface(_folder, "wg0", request => request == "qanat_report=1\n\n"
            ? """{"interface":"another","up":true,"drops":{"no-peer":2},"peers":[{"publicKey":"p","rttSeconds":0.5}]}""" + "\n"
            : null);
        var answer = await AskAsync("wg0");
        Assert.Equal((Silence.None, "wg0", 2L), (answer.Silence, answer.Report!.Interface, answer.Report.Drops["no-peer"]));
        Assert.Equal(("p", 0.5), (answer.Report.Peers[0].PublicKey, answer.Report.Peers[0].RttSeconds));
        Assert.Equal(NetworkNamespace.CurrentInode, answer.Namespace);
    }

    [Fact]
    public async Task One_that_is_not_Qanat_is_asked_as_wg_asks()
    {
        using var fake = new FakeInterface(_folder, "wg0", request => request == "get=1\n\n"
            ? $"private_key={Key}\nlisten_port=51820\npublic_key={Key}\npreshared_key={Key}\nendpoint=192.0.2.1:5\n" +
              $"last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=5\ntx_bytes=7\nrx_bytes=8\nallowed_ip=10.0.0.0/8\n" +
              $"allowed_ip=fd00::/8\npublic_key={new string('1', 64)}\nlast_handshake_time_sec=0\nerrno=0\n\n"
            : null);
        var report = (await AskAsync("wg0")).Report!;
        Assert.Equal((51820, null, null, 2), (report.ListenPort, report.PublicKey, report.Up, report.Peers.Count));
        var peer = report.Peers[0];
        Assert.Equal(Convert.ToBase64String(Convert.FromHexString(Key)), peer.PublicKey);
        Assert.Equal(("192.0.2.1:5", 7L, 8L), (peer.Endpoint, peer.TxBytes, peer.RxBytes));
        Assert.Equal((null, null), (peer.RxPackets, peer.TxPackets));
        Assert.Equal(1_700_000_000, peer.LastHandshake!.Value.ToUnixTimeSeconds());
        Assert.Equal(["10.0.0.0/8", "fd00::/8"], peer.AllowedIps);
        Assert.Null(report.Peers[1].LastHandshake);
    }

    [Theory]
    [InlineData("nonsense\n", Silence.Nonsense)]
    [InlineData("{}\n", Silence.Nonsense)]
    [InlineData("null\n", Silence.Nonsense)]
    [InlineData("""{"interface":"x","peers":[null]}""" + "\n", Silence.Nonsense)]
    [InlineData("""{"interface":"x","peers":{}}""" + "\n", Silence.Nonsense)]
    [InlineData("""{"interface":"x","peers":[{"publicKey":"p","allowedIps":[null]}]}""" + "\n", Silence.Nonsense)]
    [InlineData("\n", Silence.Nonsense)]
    [InlineData("errno=-22\n\n", Silence.Nonsense)]
    [InlineData("", Silence.NoAnswer)]
    [InlineData("never a line's end", Silence.NoAnswer)]
    [InlineData(null, Silence.NoAnswer)]
    public async Task One_that_is_silent_or_hostile_is_named(string? said, Silence silence)
    {
        using var fake = new FakeInterface(_folder, "wg0", _ => said);
        using var well = new FakeInterface(_folder, "wg1", _ => """{"interface":"wg1"}""" + "\n");
        var answers = await Sockets.AskAsync(Sockets.Names, s_patience, TestContext.Current.CancellationToken);
        Assert.Equal([silence, Silence.None], answers.Select(answer => answer.Silence));
    }

    [Fact]
    public async Task A_socket_without_a_process_and_one_that_is_gone_are_abandoned()
    {
        new FakeInterface(_folder, "wg0", _ => null).Dispose();
        Assert.Equal(Silence.Abandoned, (await AskAsync("wg0")).Silence);
        Assert.Equal(Silence.Abandoned, (await AskAsync("wg1")).Silence);
    }

    [Fact]
    public void Where_the_process_is_gone_a_device_of_that_name_says_whether_it_is_here()
    {
        const int nobody = int.MaxValue;
        Assert.Equal(NetworkNamespace.CurrentInode, InterfaceSockets.NamespaceOf("lo", nobody));
        Assert.Null(InterfaceSockets.NamespaceOf("not-there", nobody));
        Assert.Equal(NetworkNamespace.CurrentInode, InterfaceSockets.NamespaceOf("not-there", Environment.ProcessId));
    }

    [Fact]
    public void Only_sockets_with_names_of_interfaces_count()
    {
        foreach (var file in (string[])["b.sock", "a.sock", "a.sock.new", "a-name-of-sixteen.sock", "c\n.sock", ".sock", "d"])
            File.WriteAllText(Path.Join(_folder, file), "");
        Assert.Equal(["a", "b"], Sockets.Names);
        Assert.Empty(new InterfaceSockets(Path.Join(_folder, "missing")).Names);
    }

    [Fact]
    public async Task Events_of_one_that_is_silent_or_hostile_end_with_a_reason()
    {
        using var silent = new FakeInterface(_folder, "silent", _ => "");
        using var deaf = new FakeInterface(_folder, "deaf", _ => null);
        using var mad = new FakeInterface(_folder, "mad", _ => "nonsense\n");
        using var endless = new FakeInterface(_folder, "endless", _ => new string('x', 100_000));
        Assert.Equal(Silence.NoAnswer, (await SilenceOfEventsAsync("silent")).Silence);
        Assert.Equal("deaf: it tells no events: it is not Qanat", (await SilenceOfEventsAsync("deaf")).Message);
        Assert.Equal(Silence.Nonsense, (await SilenceOfEventsAsync("mad")).Silence);
        Assert.Equal(Silence.Nonsense, (await SilenceOfEventsAsync("endless")).Silence);
        Assert.Equal(Silence.Abandoned, (await SilenceOfEventsAsync("missing")).Silence);
    }

    [Theory]
    [InlineData("listening,up", "listening,up,down")]
    [InlineData("listening", "listening,down")]
    [InlineData("listening,up,down,peer-removed", "listening,up,down,peer-removed")]
    [InlineData("listening,down,up", "listening,down,up,down")]
    public async Task Events_end_with_the_interface_and_say_so(string told, string heard)
    {
        using var fake = new FakeInterface(_folder, "wg0", _ => string.Concat(told.Split(',').Select(what =>
            $$"""{"time":"2026-01-01T00:00:00+00:00","interface":"wg0","event":"{{what}}"}""" + "\n")), hangsUp: true);
        List<string> events = [];
        await foreach (var happened in new InterfaceEvents(Sockets, s_patience).ListenAsync("wg0", TestContext.Current.CancellationToken))
            events.Add(happened.Event);
        Assert.Equal(heard.Split(','), events);
    }

    private async Task<InterfaceAnswer> AskAsync(string name) =>
        Assert.Single(await Sockets.AskAsync([name], TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

    private Task<SilentInterfaceException> SilenceOfEventsAsync(string name) => Assert.ThrowsAsync<SilentInterfaceException>(async () =>
    {
        await foreach (var _ in new InterfaceEvents(Sockets, s_patience).ListenAsync(name, TestContext.Current.CancellationToken))
        {
        }
    });
}
