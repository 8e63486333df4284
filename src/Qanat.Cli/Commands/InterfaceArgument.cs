using System.CommandLine;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Commands;

/// <summary>The name of a WireGuard interface, which may be left out for all of them.</summary>
internal static class InterfaceArgument
{
    /// <summary>The argument.</summary>
    public static Argument<string?> Create(string description, Session session)
    {
        var name = new Argument<string?>("name")
        {
            HelpName = "NAME",
            Description = description,
            Arity = ArgumentArity.ZeroOrOne,
        }.WithoutOptions();
        name.CompletionSources.Add(_ => session.Interfaces().Names);
        return name;
    }

    /// <summary>The name, when there is such an interface; null when none was given.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static string? Find(string? name, Session session)
    {
        var interfaces = session.Interfaces();
        return name is null || interfaces.Names.Contains(name)
            ? name
            : throw CommandFailure.Refusal(
                $"There is no WireGuard interface \"{name}\" in user space: {interfaces.PathOf(name)} is missing.");
    }
}
