using Qanat.Daemon.Control.Xfrm;
using Qanat.Ipsec;

namespace Qanat.Daemon.DataPlane;

/// <content>IPsec's states and policies, which belong to the worker as the packets do.</content>
public sealed partial class UserDataPlane : IXfrmPlane
{
    private EspPorts? _espPorts;

    /// <inheritdoc/>
    public T Use<T>(Func<IpsecEngine, T> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        return _worker.InvokeAsync(() =>
        {
            var result = act(_engine.Ipsec);
            _espPorts ??= new(_underlay.Udp, _routes.IsLocal, _log);
            _espPorts.Follow(_engine.Ipsec.States);
            return result;
        }).GetAwaiter().GetResult();
    }
}
