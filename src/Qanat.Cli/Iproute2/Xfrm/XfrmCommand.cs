using System.Net.Sockets;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary><c>xfrm</c>: IPsec states and policies, in iproute2's texts.</summary>
/// <param name="options">The options before <c>xfrm</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class XfrmCommand(GlobalOptions options, Session session)
{
    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>xfrm</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        if (!words.MoveNext())
            throw XfrmUsage.Objects();
        var word = words.Current;
        var selectors = new XfrmSelectorGrammar(session.Protocols, session.DeviceExists);
        if (Words.Abbreviates(word, "state") || word == "sa")
            new XfrmStateCommand(Calls(), new(Family(), selectors, session.DeviceExists), Printer(), options).Run(words);
        else if (Words.Abbreviates(word, "policy"))
            new XfrmPolicyCommand(Calls(), new(Family(), selectors), Printer(), options).Run(words);
        else if (Words.Abbreviates(word, "monitor"))
            throw NotCarried("xfrm monitor");
        else
            throw XfrmUsage.Objects();
    }

    /// <summary>The one line about something of <c>ip xfrm</c> that this version is without.</summary>
    public static CommandFailure NotCarried(string what) => CommandFailure.Refusal($"\"{what}\" is not in this version of qanat");

    private XfrmCalls Calls() => new(session.ConnectXfrm());

    private XfrmPrinter Printer() => new(session.Out, options, session.Protocols);

    private AddressFamily Family() => options.Family switch
    {
        AddressFamilyOption.Inet => AddressFamily.InterNetwork,
        AddressFamilyOption.Inet6 => AddressFamily.InterNetworkV6,
        _ => AddressFamily.Unspecified,
    };
}
