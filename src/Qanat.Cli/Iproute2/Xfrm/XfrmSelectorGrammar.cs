using System.Net.Sockets;
using Qanat.Daemon.Api;
using Qanat.Ipsec;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>What the words of a selector say.</summary>
internal sealed record XfrmSelectorWords
{
    /// <summary>The family of its addresses; unspecified when it has none.</summary>
    public AddressFamily Family { get; set; }

    /// <summary>The prefix of the source; null when nothing was said.</summary>
    public IpPrefix? Src { get; set; }

    /// <summary>The prefix of the destination; null when nothing was said.</summary>
    public IpPrefix? Dst { get; set; }

    /// <summary>The protocol; null when nothing was said, 0 for any.</summary>
    public byte? Proto { get; set; }

    /// <summary>The source port, the type, or the key's upper half; null when nothing was said. Port 0 is any.</summary>
    public ushort? Sport { get; set; }

    /// <summary>The destination port, the code, or the key's lower half; null when nothing was said. Port 0 is any.</summary>
    public ushort? Dport { get; set; }

    /// <summary>The device; null when nothing was said, empty for <c>none</c>.</summary>
    public string? Dev { get; set; }

    /// <summary>Whether port 0 is one: a type, a code or a key.</summary>
    public bool ZeroCounts { get; set; }

    /// <summary>The selector for the API.</summary>
    /// <param name="family">The family when its own is unspecified.</param>
    public XfrmSelectorSpec ToSpec(AddressFamily family)
    {
        var any = new IpPrefix(XfrmReader.AnyOf(Family == AddressFamily.Unspecified ? family : Family), 0);
        return new()
        {
            Src = (Src ?? any).ToString(),
            Dst = (Dst ?? any).ToString(),
            Proto = Proto ?? 0,
            Sport = Port(Sport),
            Dport = Port(Dport),
            Dev = string.IsNullOrEmpty(Dev) ? null : Dev,
        };
    }

    /// <summary>Whether a list that asks for this shows that selector.</summary>
    public bool Selects(XfrmSelectorSpec selector) =>
        (Src is not { } source || XfrmPrefixes.Contains(source, selector.Src)) &&
        (Dst is not { } destination || XfrmPrefixes.Contains(destination, selector.Dst)) &&
        (Proto is null || Proto == selector.Proto) && (Sport is null || Sport == (selector.Sport ?? 0)) &&
        (Dport is null || Dport == (selector.Dport ?? 0)) && (Dev is null || Dev == (selector.Dev ?? ""));

    private ushort? Port(ushort? port) => port == 0 && !ZeroCounts ? null : port;
}

/// <summary><c>[ src ADDR[/PLEN] ] [ dst ADDR[/PLEN] ] [ dev DEV ] [ UPSPEC ]</c>.</summary>
/// <param name="protocols">Names of protocols.</param>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class XfrmSelectorGrammar(ProtocolNames protocols, Func<string, bool> deviceExists)
{
    private const byte Icmp = 1, Tcp = 6, Udp = 17, Dccp = 33, Gre = 47, IcmpV6 = 58, Sctp = 132, MobilityHeader = 135;

    /// <summary>Reads them, from the current word on.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public XfrmSelectorWords Read(XfrmReader reader)
    {
        var (selector, words) = (new XfrmSelectorWords { Family = reader.Family }, reader.Words);
        var upperRead = false;
        do
        {
            switch (words.Current)
            {
                case "src":
                    selector.Src = reader.ReadPrefix("src");
                    selector.Family = XfrmPrefixes.Family(selector.Src.Value.Address);
                    continue;
                case "dst":
                    selector.Dst = reader.ReadPrefix("dst");
                    selector.Family = XfrmPrefixes.Family(selector.Dst.Value.Address);
                    continue;
                case "dev":
                    selector.Dev = ReadDevice(words.Value());
                    continue;
            }
            if (upperRead)
            {
                words.MoveBack();
                break;
            }
            upperRead = true;
            ReadUpper(words, selector);
        }
        while (words.HasNext && words.MoveNext());
        reader.CheckFamilies(selector.Src, selector.Dst);
        return selector;
    }

    private string ReadDevice(string name) =>
        name == "none" ? "" : deviceExists(name) ? name : throw CommandFailure.WrongArgument(name, "DEV value is invalid");

    // proto PROTO, and what is above it.
    private void ReadUpper(Words words, XfrmSelectorWords selector)
    {
        var (ports, types, key) = (false, false, false);
        do
        {
            switch (words.Current)
            {
                case "proto":
                    selector.Proto = ReadProtocol(words.Value());
                    continue;
                case "sport":
                    (selector.Sport, ports) = (ReadPort(words, "sport", ushort.MaxValue), true);
                    continue;
                case "dport":
                    (selector.Dport, ports) = (ReadPort(words, "dport", ushort.MaxValue), true);
                    continue;
                case "type":
                    (selector.Sport, types) = (ReadPort(words, "type", byte.MaxValue), true);
                    continue;
                case "code":
                    (selector.Dport, types) = (ReadPort(words, "code", byte.MaxValue), true);
                    continue;
                case "key":
                    var value = ReadKey(words.Value());
                    (selector.Sport, selector.Dport, key) = ((ushort)(value >> 16), (ushort)value, true);
                    continue;
            }
            words.MoveBack();
            break;
        }
        while (words.HasNext && words.MoveNext());
        selector.ZeroCounts = types || key;
        if (ports && selector.Proto is not (null or 0 or Tcp or Udp or Sctp or Dccp))
            throw Invalid("\"sport\" and \"dport\" are", selector);
        if (types && selector.Proto is not (Icmp or IcmpV6 or MobilityHeader))
            throw Invalid("\"type\" and \"code\" are", selector);
        if (key && selector.Proto is not Gre)
            throw Invalid("\"key\" is", selector);
    }

    private CommandFailure Invalid(string what, XfrmSelectorWords selector) =>
        CommandFailure.Refusal($"{what} invalid with PROTO value \"{protocols.Text(selector.Proto ?? 0)}\"");

    private byte ReadProtocol(string word)
    {
        if (word == "any")
            return 0;
        return protocols.TryParse(word, out var number) || Numbers.TryParseByte(word, 0, out number)
            ? number
            : throw CommandFailure.WrongArgument(word, "PROTO value is invalid");
    }

    private static ushort ReadPort(Words words, string keyword, ulong max) =>
        Numbers.TryParse(words.Value(), 0, max, out var port)
            ? (ushort)port
            : throw CommandFailure.WrongArgument(words.Current, $"value after \"{keyword}\" is invalid");

    private static uint ReadKey(string word)
    {
        if (word.Contains('.'))
            return Addresses.ParseIPv4(word).Value;
        return Numbers.TryParseUInt(word, 0, out var key) ? key : throw CommandFailure.Nonsense("value after \"key\" is invalid");
    }
}
