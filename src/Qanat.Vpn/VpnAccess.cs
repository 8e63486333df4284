using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>What peers may reach through the hub, the hub itself aside.</summary>
public abstract record VpnAccess
{
    private const string IntranetWord = "intranet=";

    private VpnAccess()
    {
    }

    /// <summary>Reads <c>peers</c>, <c>internet</c>, or <c>intranet=10.0.0.0/8,fd00:1::/64</c>.</summary>
    /// <exception cref="VpnException">It is none of them; the message says what is wrong.</exception>
    public static VpnAccess Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "peers" => new Peers(),
            "internet" => new Internet(),
            _ when text.StartsWith(IntranetWord, StringComparison.Ordinal) =>
                new Intranet(VpnText.Prefixes("access", text[IntranetWord.Length..])),
            _ => throw new VpnException($"access: \"{VpnText.Shown(text)}\" is none of peers, intranet=NETWORK,... and internet"),
        };
    }

    /// <summary>Each other.</summary>
    public sealed record Peers : VpnAccess
    {
        /// <summary><c>peers</c>.</summary>
        public override string ToString() => "peers";
    }

    /// <summary>Each other, and networks behind the hub.</summary>
    /// <param name="Prefixes">Those networks.</param>
    public sealed record Intranet(IReadOnlyList<AllowedIp> Prefixes) : VpnAccess
    {
        /// <summary><c>intranet=10.0.0.0/8,fd00:1::/64</c>.</summary>
        public override string ToString() => $"{IntranetWord}{string.Join(',', Prefixes)}";
    }

    /// <summary>Each other, and everything: the hub is their way to the internet.</summary>
    public sealed record Internet : VpnAccess
    {
        /// <summary><c>internet</c>.</summary>
        public override string ToString() => "internet";
    }
}
