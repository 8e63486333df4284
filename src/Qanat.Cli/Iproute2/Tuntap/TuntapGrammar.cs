using System.Text;
using Qanat.Linux.Devices;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Iproute2.Tuntap;

/// <summary>The words after <c>tuntap add</c> and <c>tuntap del</c>, in the order in which <c>ip</c> looks for them.</summary>
internal static class TuntapGrammar
{
    private const int MaxNameBytes = 15;

    /// <summary>What <c>tuntap help</c> prints, on standard error and with an exit code of its own, as iproute2 has it.</summary>
    public static CommandFailure Usage() => CommandFailure.Nonsense("""
        Usage: qanat tuntap { add | del | show | list | lst | help } [ dev PHYS_DEV ]
               [ mode { tun | tap } ] [ user USER ] [ group GROUP ]
               [ one_queue ] [ pi ] [ vnet_hdr ] [ multi_queue ] [ name NAME ]

        Where: USER  := { STRING | NUMBER }
               GROUP := { STRING | NUMBER }
        """);

    /// <summary>Reads the words.</summary>
    /// <param name="words">Those behind the verb.</param>
    /// <param name="owners">Whether <c>user</c> and <c>group</c> are among the keywords.</param>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public static TuntapRequest Parse(Words words, bool owners)
    {
        var request = new TuntapRequest();
        while (words.MoveNext())
        {
            var word = words.Current;
            if (Is("mode"))
                request.Mode = ParseMode(words.Value(), request.Mode);
            else if (owners && Is("user"))
                request.User = ParseAccount(words.Value(), "user", Accounts.FindUser);
            else if (owners && Is("group"))
                request.Group = ParseAccount(words.Value(), "group", Accounts.FindGroup);
            else if (Is("pi"))
                request.PacketInformation = true;
            else if (Is("one_queue"))
                request.OneQueue = true;
            else if (Is("vnet_hdr"))
                request.VnetHeader = true;
            else if (Is("multi_queue"))
                request.MultiQueue = true;
            else if (Is("dev"))
                request.Name = ParseName(words.Value(), "dev");
            else
                ReadName(word);

            bool Is(string keyword) => Words.Abbreviates(word, keyword);
        }
        return request;

        void ReadName(string word)
        {
            if (Words.Abbreviates(word, "name"))
                word = words.Value();
            else if (Words.Abbreviates(word, "help"))
                throw Usage();
            if (request.Name.Length > 0)
                throw CommandFailure.Garbage("name", word);
            request.Name = ParseName(word, "name");
        }
    }

    private static TunMode ParseMode(string word, TunMode? before)
    {
        var mode = Words.Abbreviates(word, "tun") ? TunMode.Tun
            : Words.Abbreviates(word, "tap") ? TunMode.Tap
            : throw CommandFailure.Nonsense($"Unknown tunnel mode \"{word}\"");
        return before is null || before == mode ? mode : throw CommandFailure.Nonsense("You managed to ask for more than one tunnel mode.");
    }

    private static ulong ParseAccount(string word, string kind, Func<string, uint?> find) =>
        word.Length > 0 && Numbers.TryParse(word, 10, ulong.MaxValue, out var number) ? number
            : find(word) ?? throw CommandFailure.Nonsense($"invalid {kind} \"{word}\"");

    private static string ParseName(string word, string keyword) =>
        word.Length > 0 && Encoding.UTF8.GetByteCount(word) <= MaxNameBytes && !word.Any(c => c is '/' or ' ' or (>= '\t' and <= '\r'))
            ? word
            : throw CommandFailure.WrongArgument(word, $"\"{keyword}\" not a valid ifname");
}
