using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>The algorithms that a command names, and which of them go with a protocol.</summary>
internal sealed class XfrmAlgorithmWords
{
    private XfrmAlgorithmSpec? _comp;

    /// <summary>Encryption that authenticates as well.</summary>
    public XfrmAlgorithmSpec? Aead { get; private set; }

    /// <summary>Encryption alone.</summary>
    public XfrmAlgorithmSpec? Enc { get; private set; }

    /// <summary>Authentication alone.</summary>
    public XfrmAlgorithmSpec? Auth { get; private set; }

    private bool Any => Aead is not null || Enc is not null || Auth is not null || _comp is not null;

    /// <summary>Reads one, if the current word is the kind of one.</summary>
    /// <exception cref="CommandFailure">It makes no sense, or there is one of that kind.</exception>
    public bool TryRead(Words words)
    {
        switch (words.Current)
        {
            case "aead":
                Aead = Read(words, Aead is null && Enc is null && Auth is null, key: true, bits: "ALGO-ICV-LEN");
                return true;
            case "enc":
                Enc = Read(words, Enc is null && Aead is null, key: true, bits: null);
                return true;
            case "auth":
                Auth = Read(words, Auth is null && Aead is null, key: true, bits: null);
                return true;
            case "auth-trunc":
                Auth = Read(words, Auth is null && Aead is null, key: true, bits: "ALGO-TRUNC-LEN");
                return true;
            case "comp":
                _comp = Read(words, _comp is null, key: false, bits: null);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Checks that the protocol has what it needs, and no more.</summary>
    /// <exception cref="CommandFailure">It has not.</exception>
    public void Check(string protocol)
    {
        switch (protocol)
        {
            case "esp" when _comp is not null:
                throw Wrong("value \"comp\" is invalid");
            case "esp" when Enc is null && Aead is null:
                throw Wrong("value \"enc\" or \"aead\" is required");
            case "ah" when Enc is not null || Aead is not null || _comp is not null:
                throw Wrong("values \"enc\", \"aead\", and \"comp\" are invalid");
            case "ah" when Auth is null:
                throw Wrong("value \"auth\" or \"auth-trunc\" is required");
            case "comp" when Enc is not null || Auth is not null || Aead is not null:
                throw Wrong("values \"enc\", \"auth\", \"auth-trunc\", and \"aead\" are invalid");
            case "comp" when _comp is null:
                throw Wrong("value \"comp\" is required");
            case not ("esp" or "ah" or "comp") when Any:
                throw CommandFailure.Refusal($"ALGO is invalid with XFRM-PROTO value \"{protocol}\"");
        }

        CommandFailure Wrong(string what) => CommandFailure.Refusal($"ALGO-TYPE {what} with XFRM-PROTO value \"{protocol}\"");
    }

    private static XfrmAlgorithmSpec Read(Words words, bool first, bool key, string? bits)
    {
        if (!first)
            throw CommandFailure.Duplicate("ALGO-TYPE", words.Current);
        var algorithm = new XfrmAlgorithmSpec { Name = Value(words, "ALGO-NAME") };
        var material = key ? Value(words, "ALGO-KEYMAT") : "";
        if (bits is not null)
            algorithm.Bits = Numbers.TryParseUInt(Value(words, bits), 0, out var number)
                ? number
                : throw CommandFailure.WrongArgument(words.Current, $"{bits} value is invalid");
        algorithm.Key = XfrmKeyMaterial.Parse(material);
        return algorithm;
    }

    private static string Value(Words words, string name) => words.HasNext ? words.Value() : throw CommandFailure.Missing(name);
}
