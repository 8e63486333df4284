using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control.Xfrm;
using Qanat.Packets;

namespace Qanat.Cli.Tests.Support;

/// <summary>The daemon's states and policies, without a socket between; its errors take the API's form.</summary>
internal sealed class XfrmManagerClient(XfrmManager xfrm) : IXfrmClient
{
    public IReadOnlyList<XfrmStateReport> ListStates(bool keys) => Call(() => xfrm.ListStates(keys));

    public XfrmStateReport GetState(string destination, uint spi, uint mark) =>
        Call(() => xfrm.GetState(Address(destination), spi, mark, keys: true));

    public void AddState(XfrmStateSpec spec) => Call(() => xfrm.Add(spec));

    public void UpdateState(XfrmStateSpec spec) => Call(() => xfrm.Update(spec));

    public void DeleteState(string destination, uint spi, uint mark) => Do(() => xfrm.RemoveState(Address(destination), spi, mark));

    public void FlushStates() => Do(xfrm.FlushStates);

    public IReadOnlyList<XfrmPolicyReport> ListPolicies() => Call(xfrm.ListPolicies);

    public void AddPolicy(XfrmPolicySpec spec) => Call(() => xfrm.Add(spec));

    public void UpdatePolicy(XfrmPolicySpec spec) => Call(() => xfrm.Update(spec));

    public void DeletePolicy(uint index) => Do(() => xfrm.RemovePolicy(index));

    public void FlushPolicies() => Do(xfrm.FlushPolicies);

    private static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static void Do(Action call) => Call(() =>
    {
        call();
        return true;
    });

    private static T Call<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (XfrmException refused)
        {
            throw new ApiException(ApiErrors.From(refused).Error);
        }
    }
}

/// <summary>The daemon's socket is root's alone.</summary>
internal sealed class UnprivilegedXfrmClient : IXfrmClient
{
    private static ApiException Refusal => new(Linux.Errno.EPERM);

    public IReadOnlyList<XfrmStateReport> ListStates(bool keys) => throw Refusal;

    public XfrmStateReport GetState(string destination, uint spi, uint mark) => throw Refusal;

    public void AddState(XfrmStateSpec spec) => throw Refusal;

    public void UpdateState(XfrmStateSpec spec) => throw Refusal;

    public void DeleteState(string destination, uint spi, uint mark) => throw Refusal;

    public void FlushStates() => throw Refusal;

    public IReadOnlyList<XfrmPolicyReport> ListPolicies() => throw Refusal;

    public void AddPolicy(XfrmPolicySpec spec) => throw Refusal;

    public void UpdatePolicy(XfrmPolicySpec spec) => throw Refusal;

    public void DeletePolicy(uint index) => throw Refusal;

    public void FlushPolicies() => throw Refusal;
}
