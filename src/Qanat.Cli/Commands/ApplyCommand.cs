using System.CommandLine;
using Qanat.Cli.Declarative;
using Qanat.Cli.Iproute2;
using Qanat.Linux;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat apply FILE</c>: has the tunnels, addresses and routes that a file describes.</summary>
internal static class ApplyCommand
{
    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var file = new Argument<string>("FILE") { HelpName = "FILE", Description = "The YAML document, \"-\" for standard input" }
            .WithoutOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what differs, and change nothing" };
        var prune = new Option<bool>("--prune") { Description = "Delete what Qanat has and the file does not name" };
        var json = new Option<bool>("--json", "-j") { Description = "Print the differences as JSON" };
        file.CompletionSources.Add(context => Files(context.WordToComplete));
        const string description = "Make the tunnels of this network namespace what a file says, their addresses and routes too. What " +
            "differs is shown first, and nothing else is touched. The exit code is 1 when something was refused.";
        var command = new Command("apply", description) { file, dryRun, prune, json };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetValue(dryRun), parsed.GetValue(prune),
            parsed.GetValue(json) || options.Json, session));
        return command;
    }

    private static int Run(string file, bool dryRun, bool prune, bool json, Session session)
    {
        var wanted = Read(file);
        return HostSession.Run(session, (client, network) =>
        {
            var reconciler = new Reconciler(client, network);
            var changes = reconciler.Compare(wanted, prune);
            if (!json)
                Print(changes, session);
            var refusals = dryRun ? [] : reconciler.Apply(changes, wanted, prune);
            if (json)
                session.Out.Write(ChangeJson.Text(changes, applied: !dryRun, refusals));
            session.Out.Flush();
            foreach (var refusal in refusals)
                session.Error.Write($"qanat: {refusal}\n");
            return refusals.Count == 0 ? 0 : CommandFailure.Refused;
        });
    }

    // Before what is done, for that may take a while.
    private static void Print(IReadOnlyList<Change> changes, Session session)
    {
        foreach (var change in changes)
            session.Out.Write($"{change}\n");
        if (changes.Count == 0)
            session.Out.Write("nothing to do\n");
        session.Out.Flush();
    }

    private static HostDocument Read(string file)
    {
        if (file == "-")
            return DocumentReader.Read(Console.In, "standard input");
        try
        {
            using var text = new StreamReader(file);
            return DocumentReader.Read(text, file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException { ParamName: "path" })
        {
            throw CommandFailure.Refusal($"Cannot read {file}: {Errno.Text(Errno.Of(fault))}");
        }
    }

    private static IEnumerable<string> Files(string begun)
    {
        var folder = Path.GetDirectoryName(begun) ?? "/";
        try
        {
            return Directory.EnumerateFileSystemEntries(folder.Length == 0 ? "." : folder)
                .Where(path => Directory.Exists(path) || Path.GetExtension(path) is ".yaml" or ".yml" or ".json")
                .Select(path => folder.Length == 0 ? Path.GetFileName(path) : path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException) // whoever presses a key wants words, no excuses
        {
            return [];
        }
    }
}
