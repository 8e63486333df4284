using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.Interop;

/// <summary>What Qanat answers against what <c>ip</c> answers on a real kernel, where neither does what it was told.</summary>
[Collection(nameof(KernelPair))]
public sealed class AnswersInteropTests(KernelPair pair)
{
    [Theory]
    [InlineData("ipip", KernelPair.Ends, "gre", "sit", "vti", "ip6tnl", "vxlan", "dummy", "bogus")]
    [InlineData("ip6gre", KernelPair.Ends6, "ip6tnl", "ip6gretap", "vti", "vti6", "gre", "bogus")]
    [InlineData("vxlan id 42 dstport 4789", KernelPair.Ends, "gretap", "ip6gre", "vti", "geneve", "bogus")]
    public void A_tunnel_is_set_to_another_type(string own, string ends, params string[] types)
    {
        using var tunnel = pair.Make($"link add tun1 type {own} {ends}");
        foreach (var type in types)
            foreach (var words in new[] { "", "bogus-word", WordsOf(type) })
                if (type != "dummy" && type != "geneve" || words != "bogus-word") // their grammars are ip's alone
                    Alike(pair.Host, $"link set tun1 type {type} {words}");
    }

    [Fact]
    public void Fallback_devices_stay_what_they_are()
    {
        using var host = new TestNamespace("fallback");
        host.SetEnvironment("QANAT_FALLBACK", "1");
        host.Do("qanat daemon --background");
        foreach (var (type, remote) in new[] { ("ipip", "192.0.2.9"), ("gre", "192.0.2.9"), ("ip6tnl", "2001:db8::9") })
            host.Do($"qanat link add {type}9 type {type} remote {remote}");
        foreach (var command in new[]
        {
            "link del tunl0", "link del gre0", "link del ip6tnl0", "tunnel del tunl0", "tunnel del ip6tnl0", "-6 tunnel del ip6tnl0",
            "link set gre0 type gre key 5", "link set gre0 type gre", "link set ip6tnl0 type ip6tnl hoplimit 9",
            "-6 tunnel change ip6tnl0 hoplimit 9", "-6 tunnel show ip6tnl0", "-6 tunnel change ip6tnl0 mode ipip6",
            "-6 tunnel show ip6tnl0", "-6 tunnel change ip6tnl0 mode ip6ip6", "-6 tunnel show ip6tnl0", "tunnel show gre0",
        })
            Alike(host, command);
        host.Do("qanat link del ipip9", "qanat link del gre9", "qanat link del ip6tnl9");
    }

    private static string WordsOf(string type) => type switch
    {
        "ip6tnl" or "ip6gre" or "ip6gretap" => "hoplimit 9",
        "vti" or "vti6" => "key 9",
        "geneve" => "id 4",
        _ => "ttl 9",
    };

    private void Alike(TestNamespace host, string command)
    {
        var (ours, theirs) = (host.Run($"qanat {command}"), pair.Kernel.Run($"ip {command}"));
        var error = theirs.Error.Replace("\"ip link help\"", "\"qanat link help\"", StringComparison.Ordinal);
        Assert.Equal((command, theirs.Output, error, theirs.ExitCode), (command, ours.Output, ours.Error, ours.ExitCode));
    }
}
