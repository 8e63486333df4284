using System.Text.Json;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Client;

/// <summary>The states and policies. A daemon is started to add one, or to bring back those of a daemon that was killed.</summary>
internal sealed partial class QanatClient
{
    private const string States = "/v1/xfrm/states", Policies = "/v1/xfrm/policies";

    private bool KeepsXfrm => KeepsTunnels;

    /// <inheritdoc/>
    public IReadOnlyList<XfrmStateReport> ListStates(bool keys) =>
        TrySend("GET", keys ? States : $"{States}?keys=false", null, start: KeepsXfrm) is { } response
            ? Read(response, body => Deserialize(body, XfrmJson.Default.XfrmStateReportArray))
            : [];

    /// <inheritdoc/>
    public XfrmStateReport GetState(string destination, uint spi, uint mark)
    {
        var response = TrySend("GET", About(destination, spi, mark), null, start: KeepsXfrm) ?? throw new ApiException(Errno.ESRCH);
        return Read(response, body => Deserialize(body, XfrmJson.Default.XfrmStateReportArray))[0];
    }

    /// <inheritdoc/>
    public void AddState(XfrmStateSpec spec) => Check(TrySend("POST", States, Body(spec), start: true)!.Value);

    /// <inheritdoc/>
    public void UpdateState(XfrmStateSpec spec) => Check(TrySend("PUT", States, Body(spec), start: true)!.Value);

    /// <inheritdoc/>
    public void DeleteState(string destination, uint spi, uint mark) =>
        Check(TrySend("DELETE", About(destination, spi, mark), null, start: KeepsXfrm) ?? throw new ApiException(Errno.ESRCH));

    /// <inheritdoc/>
    public void FlushStates()
    {
        if (TrySend("DELETE", States, null, start: KeepsXfrm) is { } response)
            Check(response);
    }

    /// <inheritdoc/>
    public IReadOnlyList<XfrmPolicyReport> ListPolicies() => TrySend("GET", Policies, null, start: KeepsXfrm) is { } response
        ? Read(response, body => Deserialize(body, XfrmJson.Default.XfrmPolicyReportArray))
        : [];

    /// <inheritdoc/>
    public void AddPolicy(XfrmPolicySpec spec) => Check(TrySend("POST", Policies, Body(spec), start: true)!.Value);

    /// <inheritdoc/>
    public void UpdatePolicy(XfrmPolicySpec spec) => Check(TrySend("PUT", Policies, Body(spec), start: true)!.Value);

    /// <inheritdoc/>
    public void DeletePolicy(uint index) =>
        Check(TrySend("DELETE", $"{Policies}?index={index}", null, start: KeepsXfrm) ?? throw new ApiException(Errno.ENOENT));

    /// <inheritdoc/>
    public void FlushPolicies()
    {
        if (TrySend("DELETE", Policies, null, start: KeepsXfrm) is { } response)
            Check(response);
    }

    private static string About(string destination, uint spi, uint mark) =>
        $"{States}?dst={Uri.EscapeDataString(destination)}&spi={spi}&mark={mark}";

    private static byte[] Body(XfrmStateSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, XfrmJson.Default.XfrmStateSpec);

    private static byte[] Body(XfrmPolicySpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, XfrmJson.Default.XfrmPolicySpec);
}
