using System.ComponentModel;
using System.Diagnostics;
using Qanat.Cli.Doctor.Nftables;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The packet filter of the network namespace.</summary>
internal sealed record FirewallFacts
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>The rules of nftables, with those of iptables-nft among them; null when nft is not installed, or does not tell.</summary>
    public NftRuleset? Rules { get; init; } = NftRuleset.Empty;

    /// <summary>Whether there are tables of the older iptables, which nft does not list.</summary>
    public bool HasLegacyTables { get; init; }

    /// <summary>Reads them. <c>nft</c> is run on the calling thread, in whose network namespace it then is.</summary>
    public static FirewallFacts Read(SystemFiles files) => new()
    {
        Rules = List("nft") ?? List("/usr/sbin/nft"),
        HasLegacyTables = files.Lines("proc/thread-self/net/ip_tables_names").Length > 0 ||
            files.Lines("proc/thread-self/net/ip6_tables_names").Length > 0,
    };

    private static NftRuleset? List(string program)
    {
        try
        {
            using var nft = Process.Start(new ProcessStartInfo(program, ["-j", "-n", "list", "ruleset"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = nft.StandardError.ReadToEndAsync();
            var output = nft.StandardOutput.ReadToEndAsync();
            if (Task.WaitAll([output, errors], s_patience) && nft.WaitForExit(s_patience))
                return nft.ExitCode == 0 ? NftRuleset.Parse(output.Result) : null;
            nft.Kill();
            return null;
        }
        catch (Exception fault) when (fault is Win32Exception or IOException or AggregateException or InvalidOperationException)
        {
            return null;
        }
    }
}
