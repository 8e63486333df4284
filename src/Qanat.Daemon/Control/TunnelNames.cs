using System.Text;
using Qanat.Daemon.Devices;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// Device names by the kernel's rules (net/core/dev.c: dev_valid_name, __dev_alloc_name), for the tunnels that are added together: a
/// name that one has been given is the next one's no more.
/// </summary>
/// <param name="devices">The devices there are.</param>
internal sealed class TunnelNames(ITunnelDevices devices)
{
    private const int IFNAMSIZ = 16;

    private readonly HashSet<string> _given = [];
    private readonly Dictionary<string, int> _next = []; // by pattern: the first number that may be free
    private readonly HashSet<string> _freed = [];
    private HashSet<string>? _taken;

    /// <summary>
    /// Settles a new tunnel's name: the one asked for; the first free one when it has a <c>%d</c>; and when it is empty
    /// the first free one of the mode (<c>ipip0</c>). Where the kernel has a fallback device, its name is reserved.
    /// </summary>
    /// <param name="asked">The name that was asked for.</param>
    /// <param name="mode">The tunnel's mode.</param>
    /// <param name="isFallback">True when it is the fallback device itself that is to be made.</param>
    /// <exception cref="LinuxException">
    /// E2BIG: not a device name. EINVAL: a bad pattern. EEXIST: taken, or no free one is left. ENOBUFS: of sit and some others,
    /// in the place of E2BIG and EEXIST.
    /// </exception>
    public string Choose(string asked, TunnelMode mode, bool isFallback = false)
    {
        var facts = ModeFacts.Of(mode);
        var name = asked.Length == 0 ? $"{facts.Prefix}%d" : asked;
        if (!IsValid(name))
            throw new LinuxException("add tunnel", facts.BadName,
                $"\"{name}\" is not a device name: at most 15 bytes, no slash, colon or space");
        if (name.Contains('%'))
            name = FirstFree(name, facts);
        else if (_given.Contains(name) || (devices.Find(name) is not null && !_freed.Contains(name)) ||
                 (!isFallback && ModeFacts.IsFallback(name)))
            throw new LinuxException("add tunnel", facts.Clash, $"there is a device \"{name}\" already");
        _given.Add(name);
        return name;
    }

    /// <summary>The device of that name is about to go, so that another may have its name.</summary>
    public void Free(string name) => _freed.Add(name);

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

    private string FirstFree(string pattern, ModeFacts facts)
    {
        var at = pattern.IndexOf("%d", StringComparison.Ordinal);
        if (at < 0 || pattern.IndexOf('%') != at || pattern.LastIndexOf('%') != at)
            throw new LinuxException("add tunnel", Errno.EINVAL, $"\"{pattern}\" must have one %d and no other %");
        _taken ??= [.. devices.List().Select(device => device.Name)];
        for (var i = _next.GetValueOrDefault(pattern); ; i++)
        {
            var name = $"{pattern[..at]}{i}{pattern[(at + 2)..]}";
            if (!IsValid(name))
                throw new LinuxException("add tunnel", facts.Clash, $"no free name of the form \"{pattern}\" is left");
            if ((_taken.Contains(name) && !_freed.Contains(name)) || _given.Contains(name) || ModeFacts.IsFallback(name))
                continue;
            _next[pattern] = i + 1;
            return name;
        }
    }
}
