using System.CommandLine;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn</c>: networks of a hub and its peers.</summary>
internal static class VpnCommand
{
    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session) => new(
        "vpn", "Networks of a hub and its peers, over WireGuard. Each is kept in a folder of /etc/qanat, its owner's only.")
    {
        InitVerb.Create(options, session).WithExamples(VpnExamples.Init),
        UpVerb.Create(session).WithExamples(VpnHubExamples.Up),
        DownVerb.Create(session).WithExamples(VpnHubExamples.Down),
        InviteVerb.Create(session).WithExamples(VpnExamples.Invite),
        RevokeVerb.Create(session).WithExamples(VpnExamples.Revoke),
        RotateVerb.Create(session).WithExamples(VpnExamples.Rotate),
        ListVerb.Create(options, session).WithExamples(VpnExamples.List),
        ShowVerb.Create(options, session).WithExamples(VpnExamples.Show),
        GraphVerb.Create(session).WithExamples(VpnExamples.Graph),
    };
}
