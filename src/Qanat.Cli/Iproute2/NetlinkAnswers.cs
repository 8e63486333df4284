using Qanat.Cli.Client;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2;

/// <summary>Refusals in the words of the objects that speak netlink: <c>RTNETLINK answers: File exists</c>.</summary>
internal static class NetlinkAnswers
{
    /// <summary>What they end with; <c>bridge</c> has 255.</summary>
    public const int ExitCode = 2;

    /// <summary>Makes a call.</summary>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public static void Attempt(Action call, int exitCode = ExitCode) => Attempt(
        () =>
        {
            call();
            return true;
        },
        exitCode);

    /// <summary>Makes a call that answers.</summary>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public static T Attempt<T>(Func<T> call, int exitCode = ExitCode)
    {
        try
        {
            return call();
        }
        catch (ApiException refused)
        {
            throw From(refused, exitCode);
        }
    }

    /// <summary>The refusal of an error number.</summary>
    public static CommandFailure From(int errno, int exitCode = ExitCode) => new($"RTNETLINK answers: {Errno.Text(errno)}", exitCode);

    /// <summary>The refusal, with what to do about it on a line of its own where that is known.</summary>
    public static CommandFailure From(ApiException refused, int exitCode = ExitCode) =>
        new($"RTNETLINK answers: {refused.Message}{(refused.Hint is null ? "" : $"\n{refused.Hint}")}", exitCode);
}
