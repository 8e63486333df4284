using System.CommandLine;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Vpn.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Commands;

/// <summary>The argument that names a WireGuard interface, or its file.</summary>
internal static class ConfigArgument
{
    private const string Official = "/etc/wireguard";

    private static string Own => VpnDirectory.Root;

    /// <summary>For an interface that is not up yet; completed with those that have files.</summary>
    public static Argument<string> ForUp() => Create(() => [.. ((string[])[Official, Own]).SelectMany(Names).Distinct().Order()]);

    /// <summary>For an interface that is up; completed with those that are.</summary>
    public static Argument<string> ForRunning() => Create(InterfaceHost.Names);

    /// <summary>The interface and the file that an argument stands for, by its whole path.</summary>
    /// <exception cref="CommandFailure">It stands for neither.</exception>
    public static (string Name, string Path) Resolve(string argument)
    {
        if (!ConfigPath.TryResolve(argument, out var path, out var name))
            throw CommandFailure.Refusal($"qanat: \"{argument}\": an interface's name of 1 to 15 letters, digits and _=+.- is expected, " +
                "or a file that is named for one, NAME.conf.");
        var own = Path.Combine(Own, $"{name}.conf");
        return (name, IsName(argument) && !File.Exists(path) && File.Exists(own) ? own : Path.GetFullPath(path));
    }

    /// <summary>
    /// The same for a file that is to be read: <c>lap.conf</c> is a name, as wg-quick has it, but hardly meant as one.
    /// </summary>
    /// <exception cref="CommandFailure">It stands for neither, or for a file that is not there but in this folder.</exception>
    public static (string Name, string Path) ResolveFile(string argument)
    {
        var resolved = Resolve(argument);
        var isHere = argument.EndsWith(".conf", StringComparison.Ordinal) && File.Exists(argument);
        return IsName(argument) && isHere && !File.Exists(resolved.Path)
            ? throw CommandFailure.Refusal($"qanat: there is no {resolved.Path}; the file in this folder is ./{argument}")
            : resolved;
    }

    /// <summary>True when an argument is an interface's name rather than a path.</summary>
    public static bool IsName(string argument) => ConfigPath.IsInterfaceName(argument);

    private static Argument<string> Create(Func<IReadOnlyList<string>> names)
    {
        var argument = new Argument<string>("FILE|NAME") { Description = "A file NAME.conf, or the name of an interface" };
        argument.CompletionSources.Add(context => Offer(context.WordToComplete, names));
        return argument.WithoutOptions();
    }

    private static IEnumerable<string> Offer(string begun, Func<IReadOnlyList<string>> names)
    {
        try
        {
            var folder = Path.GetDirectoryName(begun) ?? "/";
            return [.. names(), .. Directory.EnumerateFiles(folder.Length == 0 ? "." : folder, "*.conf")
                .Select(path => folder.Length == 0 ? Path.GetFileName(path) : path)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException) // whoever presses a key wants words, no excuses
        {
            return [];
        }
    }

    private static IEnumerable<string> Names(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.conf").Select(Path.GetFileNameWithoutExtension).OfType<string>()
        : [];
}
