using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>The words after <c>type T</c>, for one type of device.</summary>
/// <param name="type">The type's word.</param>
/// <param name="tos">Names of TOS values.</param>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal abstract class TypeGrammar(string type, DsFields tos, Func<string, bool> deviceExists)
{
    /// <summary>Names of TOS values.</summary>
    protected DsFields Tos { get; } = tos;

    /// <summary>What standard error gets though the words make sense; null for nothing.</summary>
    public string? Notice { get; protected set; }

    /// <summary>The grammar of a type; null when it is none of ours.</summary>
    public static TypeGrammar? Of(string type, DsFields tos, Func<string, bool> deviceExists) => type switch
    {
        "ipip" or "sit" => new IptunnelGrammar(type, tos, deviceExists),
        "gre" or "gretap" => new GreGrammar(type, tos, deviceExists),
        "vti" or "vti6" => new VtiGrammar(type, tos, deviceExists),
        "ip6tnl" => new Ip6tnlGrammar(tos, deviceExists),
        "ip6gre" or "ip6gretap" => new Ip6greGrammar(type, tos, deviceExists),
        "vxlan" => new VxlanGrammar(tos, deviceExists),
        _ => null,
    };

    /// <summary>A tunnel as the type makes it when nothing more is said.</summary>
    public virtual TunnelSpec Default() => new() { Mode = type };

    /// <summary>Reads the words, and writes what they say into a description.</summary>
    /// <param name="words">What follows the type.</param>
    /// <param name="spec">A new tunnel's, or that of the tunnel that is changed.</param>
    /// <param name="isNew">Whether it is a new one's.</param>
    /// <exception cref="CommandFailure">They make no sense, or <c>help</c> is one of them.</exception>
    public void Read(Words words, TunnelSpec spec, bool isNew)
    {
        Begin(spec, isNew);
        while (words.MoveNext())
            if (!TryRead(words, spec))
                throw Unknown(words.Current);
        Complete(spec);
    }

    /// <summary>Takes up what the tunnel has already.</summary>
    protected virtual void Begin(TunnelSpec spec, bool isNew)
    {
    }

    /// <summary>Reads the current word, and its values; false when it is no keyword.</summary>
    protected abstract bool TryRead(Words words, TunnelSpec spec);

    /// <summary>Checks what the words say together, and completes the description.</summary>
    protected abstract void Complete(TunnelSpec spec);

    /// <summary>What is said of a word that is no keyword.</summary>
    protected virtual CommandFailure Unknown(string word) => LinkUsage.OfType(type);

    /// <summary>Reads <c>dev</c>'s value.</summary>
    protected string Device(Words words) => LinkValues.Device(words, deviceExists);
}
