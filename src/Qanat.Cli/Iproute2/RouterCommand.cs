using Qanat.Cli.Client;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2;

/// <summary><c>tunnel prl</c> and <c>tunnel 6rd</c>: what sit and isatap have beyond other tunnels.</summary>
/// <param name="tunnels">The daemon.</param>
internal sealed class RouterCommand(IQanatClient tunnels)
{
    /// <summary>Adds a potential router, removes one, or with <c>prl-delete any</c> all.</summary>
    /// <param name="words">What follows <c>prl</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Prl(Words words)
    {
        var request = RouterGrammar.ParsePrl(words);
        Attempt(request.Device, request.Ioctl, () =>
        {
            if (request.Ioctl == SitIoctl.SIOCADDPRL)
                tunnels.AddRouter(request.Device, request.Router);
            else
                tunnels.DeleteRouter(request.Device, request.Router);
        });
    }

    /// <summary>Sets the prefixes of 6rd, or brings back 6to4's.</summary>
    /// <param name="words">What follows <c>6rd</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void SixRd(Words words)
    {
        var request = RouterGrammar.Parse6rd(words);
        Attempt(request.Device, request.Ioctl, () =>
        {
            if (request.Ioctl == SitIoctl.SIOCADD6RD)
                tunnels.Set6rd(request.Device, request.Prefixes);
            else
                tunnels.Reset6rd(request.Device);
        });
    }

    // Without a word that says what to do, ip asks the kernel for ioctl 0, which no device has.
    private static void Attempt(string device, SitIoctl ioctl, Action call)
    {
        try
        {
            if (ioctl == SitIoctl.None)
                throw new ApiException(Errno.ENOTTY);
            call();
        }
        catch (ApiException refused)
        {
            var hint = refused.Hint is null ? "" : $"\n{refused.Hint}";
            throw CommandFailure.Refusal($"{device}: ioctl {(int)ioctl:x} failed: {refused.Message}{hint}");
        }
    }
}
