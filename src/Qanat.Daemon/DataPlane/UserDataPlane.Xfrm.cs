using Qanat.Daemon.Control.Xfrm;
using Qanat.Ipsec;

namespace Qanat.Daemon.DataPlane;

/// <content>IPsec's states and policies, which belong to the worker as the packets do.</content>
public sealed partial class UserDataPlane : IXfrmPlane
{
    /// <inheritdoc/>
    public T Use<T>(Func<IpsecEngine, T> act) => _worker.InvokeAsync(() => act(_engine.Ipsec)).GetAwaiter().GetResult();
}
