using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Types <c>vti</c> and <c>vti6</c>, whose keys are marks. A key of 0 is none.</summary>
internal sealed class VtiGrammar(string type, DsFields tos, Func<string, bool> deviceExists) : TypeGrammar(type, tos, deviceExists)
{
    private readonly bool _inet6 = type == "vti6";
    private GreWords _keys = new(null);

    /// <inheritdoc/>
    protected override void Begin(TunnelSpec spec, bool isNew) => _keys = new(spec.Gre);

    /// <inheritdoc/>
    protected override bool TryRead(Words words, TunnelSpec spec)
    {
        if (words.Current == "fwmark")
            spec.Mark = LinkValues.Mark(words);
        else if (_keys.TryRead(words, keysAlone: true))
            return true;
        else if (words.Is("remote"))
            spec.Remote = Address(words);
        else if (words.Is("local"))
            spec.Local = Address(words);
        else if (words.Is("dev"))
            spec.Dev = Device(words);
        else
            return false;
        return true;
    }

    /// <inheritdoc/>
    protected override void Complete(TunnelSpec spec) => spec.Gre = _keys.Spec;

    private string Address(Words words) => _inet6 ? LinkValues.IPv6(words) : LinkValues.IPv4(words);
}
