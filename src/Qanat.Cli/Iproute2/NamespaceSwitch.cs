using Qanat.Linux;
using Qanat.Linux.Namespaces;

namespace Qanat.Cli.Iproute2;

/// <summary><c>-netns NAME</c>: the whole command in another network namespace.</summary>
internal static class NamespaceSwitch
{
    /// <summary>
    /// Runs <paramref name="command"/> on this thread in the namespace of that name. Threads and processes that it begins are in
    /// that namespace too.
    /// </summary>
    /// <exception cref="CommandFailure">There is no such namespace, or it cannot be entered.</exception>
    public static int Run(string name, Func<int> command)
    {
        using var there = Open(name);
        var entered = false;
        try
        {
            return there.Run(() =>
            {
                entered = true;
                return command();
            });
        }
        catch (LinuxException fault) when (!entered)
        {
            var text = $"setting the network namespace \"{name}\" failed: {Errno.Text(fault.Error)}";
            throw CommandFailure.Nonsense(text);
        }
    }

    private static NetworkNamespace Open(string name)
    {
        try
        {
            return NetworkNamespace.Open(name);
        }
        catch (Exception fault) when (fault is LinuxException or ArgumentException)
        {
            var errno = fault is LinuxException kernel ? kernel.Error : Errno.ENOENT;
            throw CommandFailure.Nonsense($"Cannot open network namespace \"{name}\": {Errno.Text(errno)}");
        }
    }
}
