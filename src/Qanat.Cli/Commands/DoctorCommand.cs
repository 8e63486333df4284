using System.CommandLine;
using System.Net.NetworkInformation;
using Qanat.Cli.Doctor;
using Qanat.Cli.Doctor.Facts;
using Qanat.Cli.Iproute2;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat doctor</c>: finds out why a TUN, a TAP or a tunnel does not work here.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var words = new Argument<string[]>("subjects")
        {
            HelpName = "DEV | DESTINATION",
            Description = "Devices and addresses to look closer at; the machine and all its tunnels when there is none",
            Arity = ArgumentArity.ZeroOrMore,
        }.WithoutOptions();
        var json = new Option<bool>("--json", "-j") { Description = "Print the report as JSON" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "List what is well, too" };
        words.CompletionSources.Add(_ => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name));
        const string description = "Find out why a TUN, a TAP or a tunnel does not work here, and what to do about it. " +
            "Nothing is changed. The exit code is 1 when something blocks.";
        var command = new Command("doctor", description) { words, json, verbose };
        command.SetAction(parsed =>
        {
            var report = Examine(parsed.GetValue(words) ?? []);
            if (parsed.GetValue(json) || options.Json)
                session.Out.Write(JsonReport.Of(report));
            else
                new TextReport(session.Out, session.Palette(options), parsed.GetValue(verbose)).Print(report);
            return report.ExitCode;
        });
        return command;
    }

    private static Report Examine(string[] words)
    {
        try
        {
            using var netlink = new RouteNetlink();
            var machine = new MachineReader(netlink, new SystemFiles()).Read(words, out var unknown);
            return unknown is null
                ? Report.Of(machine)
                : throw CommandFailure.Refusal($"\"{unknown}\" is neither a device of this network namespace nor an address.");
        }
        catch (LinuxException fault)
        {
            throw CommandFailure.Refusal($"qanat: {fault.Message}");
        }
    }
}
