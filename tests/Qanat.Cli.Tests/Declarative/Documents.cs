using Qanat.Cli.Declarative;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests.Declarative;

/// <summary>Documents as text, read and written.</summary>
internal static class Documents
{
    /// <summary>The tunnels of a document.</summary>
    public static IReadOnlyList<HostTunnel> Read(string text) => ReadAll(text).Tunnels;

    /// <summary>All of a document.</summary>
    public static HostDocument ReadAll(string text) => DocumentReader.Read(new StringReader(text), "f.yaml");

    /// <summary>The one tunnel, called t, whose keys these are in YAML's flow style.</summary>
    public static HostTunnel Tunnel(string keys) => Assert.Single(Read($"network: {{version: 2, tunnels: {{t: {{{keys}}}}}}}"));

    /// <summary>What is said of a document that is wrong.</summary>
    public static string[] Mistakes(string text)
    {
        var failure = Assert.Throws<CommandFailure>(() => Read(text));
        Assert.Equal(1, failure.ExitCode);
        return failure.Message.Split('\n');
    }

    /// <summary>A document of tunnels.</summary>
    public static string Text(params IEnumerable<HostTunnel> tunnels) => Text(new HostDocument { Tunnels = [.. tunnels] });

    /// <summary>A document.</summary>
    public static string Text(HostDocument host)
    {
        var output = new StringWriter();
        YamlWriter.WriteBlock(output, DocumentWriter.Write(host));
        return output.ToString();
    }
}
