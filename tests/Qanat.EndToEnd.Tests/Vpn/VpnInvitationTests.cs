using Qanat.EndToEnd.Tests.WireGuard;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.Vpn;

/// <summary>Peers' files before <c>wg</c>, and invitations onto disks that are full.</summary>
public sealed class VpnInvitationTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly string _folder;
    private readonly string _qanat;

    public VpnInvitationTests()
    {
        _folder = Path.Combine(_host.RunDirectory, "etc");
        _qanat = $"QANAT_CONFIG_DIR={_folder} qanat";
        _host.Do($"mkdir -p {_folder}");
    }

    private string Network => Path.Combine(_folder, "office");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Wg_takes_the_file_of_a_peer()
    {
        Init();
        var file = Path.Combine(_host.RunDirectory, "anna.conf");
        _host.Do($"umask 077; {_qanat} vpn invite office anna >{file}");
        using var peer = new WireGuardEnd(_host, "qanat-wg");
        _host.Do($"wg-quick strip {file} >{file}.wg", $"wg setconf {peer.Device} {file}.wg");
        var hub = _host.Do($"{_qanat} vpn show office --json | sed -n 's/^  \"publicKey\": \"\\(.*\\)\",/\\1/p'").Trim();
        Assert.Equal($"{hub}\t10.8.0.0/24 fd00:8::/64", peer.Show("allowed-ips"));
        Assert.Equal($"{hub}\t192.0.2.1:51820", peer.Show("endpoints"));
        Assert.Equal($"{hub}\t25", peer.Show("persistent-keepalive"));
        Assert.Contains($"\"publicKey\": \"{peer.Show("public-key")}\"", _host.Do($"{_qanat} vpn list office --json"));
    }

    [Fact]
    public void Wg_takes_the_file_of_a_peer_with_its_own_key()
    {
        Init();
        using var peer = new WireGuardEnd(_host, "qanat-wg");
        var file = Path.Combine(_host.RunDirectory, "own.conf");
        _host.Do(
            $"{_qanat} vpn invite office own --public-key {peer.PublicKey} >{file}", $"wg-quick strip {file} >{file}.wg",
            $"wg addconf {peer.Device} {file}.wg");
        Assert.EndsWith("\t10.8.0.0/24 fd00:8::/64", peer.Show("allowed-ips"));
    }

    [Fact]
    public void A_full_disk_in_the_middle_of_an_invitation_leaves_nothing_half_written()
    {
        var script = $"""
            set -e
            mount -t tmpfs -o size=64k none {_folder}
            {InitCommand} >/dev/null
            {_qanat} vpn invite office anna >/dev/null 2>&1
            cp -r {Network} {_host.RunDirectory}/before
            dd if=/dev/zero of={_folder}/fill bs=4k 2>/dev/null || true
            status=0
            {_qanat} vpn invite office ben >{_host.RunDirectory}/out 2>{_host.RunDirectory}/error || status=$?
            echo "status $status"
            cat {_host.RunDirectory}/out {_host.RunDirectory}/error
            diff -r {_host.RunDirectory}/before {Network} && echo as before
            rm {_folder}/fill
            {_qanat} vpn invite office ben 2>/dev/null | head -1
            """;
        var file = Path.Combine(_host.RunDirectory, "script");
        File.WriteAllText(file, script);
        var lines = _host.Do($"unshare -m sh {file}").TrimEnd().Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal("status 1", lines[0]);
        Assert.Contains("No space left on device (ENOSPC)", lines[1]);
        Assert.Equal(("as before", "[Interface]"), (lines[2], lines[3]));
    }

    [Fact]
    public void A_file_that_cannot_be_delivered_is_of_a_peer_that_was_not_invited()
    {
        Init();
        var before = _host.Do($"cat {Network}/network.json {Network}/audit.log");
        var result = _host.Run($"{_qanat} vpn invite office anna >/dev/full");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("No space left on device", result.Error);
        Assert.Equal(before, _host.Do($"cat {Network}/network.json {Network}/audit.log"));
    }

    private string InitCommand =>
        $"{_qanat} vpn init office --endpoint 192.0.2.1:51820 --subnet 10.8.0.0/24,fd00:8::/64 --access peers";

    private void Init() => _host.Do(InitCommand);
}
