using System.Net.Sockets;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>The rules that choose a routing table: <c>ip rule</c>. Got from <see cref="RouteNetlink.Rules"/>.</summary>
public sealed class Rules
{
    private const int MessageLength = 512;
    private readonly NetlinkSocket _socket;

    internal Rules(NetlinkSocket socket) => _socket = socket;

    /// <summary>The rules, in the order in which the kernel asks them.</summary>
    /// <param name="family">IPv4, IPv6, or (unspecified) first those of one, then those of the other.</param>
    public IReadOnlyList<Rule> List(AddressFamily family = AddressFamily.InterNetwork)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETRULE);
        request.Append(new fib_rule_hdr { family = KernelFamily.Of(family) });
        return _socket.Dump<Rule>(request, "list rules");
    }

    /// <summary>Adds a rule.</summary>
    /// <exception cref="LinuxException">EEXIST: there is one that says the same; EINVAL: it makes no sense; and others.</exception>
    public void Add(Rule rule) => Request(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule, "add");

    /// <summary>Deletes the first rule that has everything that <paramref name="rule"/> says.</summary>
    /// <exception cref="LinuxException">ENOENT: there is none.</exception>
    public void Delete(Rule rule) => Request(RTM_DELRULE, 0, rule, "delete");

    private void Request(ushort type, ushort flags, Rule rule, string verb)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], type, flags);
        rule.Write(ref request);
        _socket.Request(request, rule.Priority is { } priority ? $"{verb} rule {priority}" : $"{verb} a rule");
    }
}
