using System.Text;

namespace Qanat.Cli.Iproute2;

/// <summary>The words after <c>tunnel add</c>, <c>change</c>, <c>del</c> and <c>show</c>, for tunnels over IPv4.</summary>
/// <param name="tos">Names of TOS values.</param>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class TunnelGrammar(DsFields tos, Func<string, bool> deviceExists)
{
    /// <summary>Bytes of a device's name, the zero at its end among them (linux/if.h).</summary>
    private const int IFNAMSIZ = 16;

    /// <summary>Reads the words.</summary>
    /// <param name="words">What follows the command's own word.</param>
    /// <param name="existing">
    /// For <c>change</c>: gets the tunnel of a name. When the name comes first, the words change what that tunnel has; when
    /// it comes later they describe all of it.
    /// </param>
    /// <exception cref="CommandFailure">They make no sense, or <c>help</c> is one of them.</exception>
    public TunnelRequest Parse(Words words, Func<string, TunnelRequest>? existing = null)
    {
        var request = new TunnelRequest();
        string? dev = null;
        for (var first = true; words.MoveNext(); first = false)
        {
            switch (words.Current)
            {
                case "mode":
                    request.Mode = Combine(request.Mode, words.Value());
                    break;
                case "remote":
                    request.Remote = Addresses.ParseIPv4(words.Value());
                    break;
                case "local":
                    request.Local = Addresses.ParseIPv4(words.Value());
                    break;
                case "dev":
                    dev = words.Value();
                    break;
                case "ttl" or "hoplimit" or "hlim":
                    request.Ttl = ParseTtl(words.Value(), request.Ttl);
                    break;
                case "tos" or "tclass":
                    request.Tos = ParseTos(words.Value());
                    break;
                case "pmtudisc":
                    request.Pmtudisc = true;
                    break;
                case "nopmtudisc":
                    request.Pmtudisc = false;
                    break;
                case var _ when request.Gre.TryRead(words):
                    break;
                case var word when Words.Abbreviates(word, "dsfield"):
                    request.Tos = ParseTos(words.Value());
                    break;
                default:
                    request = ReadName(words, request, first ? existing : null);
                    break;
            }
        }
        request.Mode ??= TunnelMode.OfName(request.Name);
        if (request.Gre.HasKey && request.Mode is not { HasKeys: true })
            throw CommandFailure.Refusal("Keys are not allowed with ipip and sit tunnels");
        if (dev is not null)
            request.Dev = deviceExists(dev) ? dev : throw CommandFailure.NoDevice(dev);
        if (request.Remote.IsMulticast)
        {
            request.Gre.DefaultKey(request.Remote.Value);
            if (request.Local.IsAny)
                throw CommandFailure.Refusal("A broadcast tunnel requires a source address");
        }
        return request;
    }

    /// <summary>
    /// Checks a device's name by the kernel's rules (dev_valid_name), as far as they are checked before the kernel is
    /// asked.
    /// </summary>
    /// <param name="key">The keyword that the name belongs to.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="CommandFailure">It cannot be one.</exception>
    public static void CheckName(string key, string name)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) >= IFNAMSIZ || name.Any(NotInNames))
            throw CommandFailure.WrongArgument(name, $"\"{key}\" not a valid ifname");
    }

    private static bool NotInNames(char c) => c is '/' or ' ' or (>= '\t' and <= '\r');

    private static TunnelRequest ReadName(Words words, TunnelRequest request, Func<string, TunnelRequest>? existing)
    {
        if (words.Current == "name")
            words.Value();
        else if (Words.Abbreviates(words.Current, "help"))
            throw TunnelUsage.IPv4();
        if (request.Name.Length > 0)
            throw CommandFailure.Garbage("name", words.Current);
        CheckName("name", words.Current);
        request.Name = words.Current;
        return existing?.Invoke(request.Name) ?? request;
    }

    private static TunnelMode Combine(TunnelMode? before, string word)
    {
        var mode = TunnelMode.Find(word) ?? throw CommandFailure.Nonsense($"Unknown tunnel mode \"{word}\"");
        if (before is null)
            return mode;
        if (before.Protocol != mode.Protocol)
            throw CommandFailure.Nonsense("You managed to ask for more than one tunnel mode.");
        return before.IsVariant ? before : mode;
    }

    // "ttl inherit" leaves what is there, so a change cannot bring it back; "ttl 0" can.
    private static byte ParseTtl(string word, byte before)
    {
        if (word == "inherit")
            return before;
        return Numbers.TryParseByte(word, 0, out var ttl) ? ttl : throw CommandFailure.WrongArgument(word, "invalid TTL\n");
    }

    // VALUE, "inherit" or "inherit/VALUE"; a value is a name or hexadecimal, and ends at a slash.
    private byte ParseTos(string word)
    {
        var slash = word.IndexOf('/');
        var head = slash < 0 ? word : word[..slash];
        var inherit = head == "inherit";
        if (inherit && slash < 0)
            return 1;
        if (!tos.TryParse(inherit ? word[(slash + 1)..] : head, out var value))
            throw CommandFailure.WrongArgument(head, "bad TOS value");
        return (byte)(value | (inherit ? 1 : 0));
    }
}
