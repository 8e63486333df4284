using System.Text;
using Qanat.Linux;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Control;

/// <summary>Device names by the kernel's rules (net/core/dev.c: dev_valid_name, __dev_alloc_name).</summary>
internal static class TunnelNames
{
    private const int IFNAMSIZ = 16;

    /// <summary>
    /// Settles a new tunnel's name: the one asked for; the first free one when it has a <c>%d</c>; and when it is empty
    /// the first free one of the mode (<c>ipip0</c>).
    /// </summary>
    /// <param name="asked">The name that was asked for.</param>
    /// <param name="mode">The tunnel's mode.</param>
    /// <param name="taken">The names of all devices.</param>
    /// <exception cref="LinuxException">E2BIG: not a device name. EINVAL: a bad pattern. EEXIST: taken, or no free one is left.</exception>
    public static string Choose(string asked, TunnelMode mode, IReadOnlySet<string> taken)
    {
        var name = asked.Length == 0 ? $"{TunnelModes.Name(mode)}%d" : asked;
        if (!IsValid(name))
            throw new LinuxException("add tunnel", Errno.E2BIG,
                $"\"{name}\" is not a device name: at most 15 bytes, no slash, colon or space");
        if (name.Contains('%'))
            return FirstFree(name, taken);
        if (taken.Contains(name) || TunnelRules.IsFallback(mode, name))
            throw new LinuxException("add tunnel", Errno.EEXIST, $"there is a device \"{name}\" already");
        return name;
    }

    /// <summary>True for what the kernel takes as a device's name. A pattern is checked as it is written.</summary>
    public static bool IsValid(string name)
    {
        if (name is "" or "." or "..")
            return false;
        var bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length < IFNAMSIZ && !bytes.AsSpan().ContainsAny(Forbidden);
    }

    // Slash, colon, NUL, and what the kernel's isspace() takes for a space, Latin-1's no-break space with it.
    private static ReadOnlySpan<byte> Forbidden =>
        [0, (byte)'\t', (byte)'\n', (byte)'\v', (byte)'\f', (byte)'\r', (byte)' ', (byte)'/', (byte)':', 0xA0];

    private static string FirstFree(string pattern, IReadOnlySet<string> taken)
    {
        var at = pattern.IndexOf("%d", StringComparison.Ordinal);
        if (at < 0 || pattern.IndexOf('%') != at || pattern.LastIndexOf('%') != at)
            throw new LinuxException("add tunnel", Errno.EINVAL, $"\"{pattern}\" must have one %d and no other %");
        for (var i = 0; ; i++)
        {
            var name = $"{pattern[..at]}{i}{pattern[(at + 2)..]}";
            if (!IsValid(name))
                throw new LinuxException("add tunnel", Errno.EEXIST, $"no free name of the form \"{pattern}\" is left");
            if (!taken.Contains(name))
                return name;
        }
    }
}
