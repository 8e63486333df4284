namespace Qanat.Linux.Netlink;

/// <summary>What a rule does with the packets that it is for (linux/fib_rules.h, FR_ACT_*).</summary>
public enum RuleAction : byte
{
    /// <summary>Looks them up in a table; where the table has no route, the next rule decides.</summary>
    Lookup = 1,

    /// <summary>Goes on with the first rule of another priority.</summary>
    Goto = 2,

    /// <summary>Nothing; the next rule decides.</summary>
    Nop = 3,

    /// <summary>Drops them; senders here get EINVAL.</summary>
    Blackhole = 6,

    /// <summary>Refuses them: network unreachable.</summary>
    Unreachable = 7,

    /// <summary>Refuses them: administratively prohibited.</summary>
    Prohibit = 8,
}

/// <summary>A firewall mark, and the bits of it that are looked at.</summary>
/// <param name="Value">What those bits must be.</param>
/// <param name="Mask">The bits; all unless told.</param>
public readonly record struct RuleMark(uint Value, uint Mask = uint.MaxValue);

/// <summary>Ports of TCP, UDP, DCCP or SCTP, in host byte order.</summary>
/// <param name="First">The first of them, 1 or more.</param>
/// <param name="Last">The last of them, itself one of them; 65534 at most.</param>
public readonly record struct PortRange(ushort First, ushort Last);

/// <summary>Users on this host, whose packets a rule is for.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them, itself one of them.</param>
public readonly record struct UserRange(uint First, uint Last);
