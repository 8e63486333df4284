using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>The IPsec states and policies of this network namespace, wherever they are kept.</summary>
/// <remarks>Each call may throw <see cref="ApiException"/>.</remarks>
internal interface IXfrmClient
{
    /// <summary>Every state, the newest first. None when no daemon keeps any.</summary>
    /// <param name="keys">Whether with keys.</param>
    IReadOnlyList<XfrmStateReport> ListStates(bool keys);

    /// <summary>One state.</summary>
    XfrmStateReport GetState(string destination, uint spi, uint mark);

    /// <summary>Adds a state.</summary>
    void AddState(XfrmStateSpec spec);

    /// <summary>Changes what can be changed of a state.</summary>
    void UpdateState(XfrmStateSpec spec);

    /// <summary>Removes a state.</summary>
    void DeleteState(string destination, uint spi, uint mark);

    /// <summary>Removes every state.</summary>
    void FlushStates();

    /// <summary>Every policy, the newest first. None when no daemon keeps any.</summary>
    IReadOnlyList<XfrmPolicyReport> ListPolicies();

    /// <summary>Adds a policy.</summary>
    void AddPolicy(XfrmPolicySpec spec);

    /// <summary>Adds a policy in place of any other for the same packets.</summary>
    void UpdatePolicy(XfrmPolicySpec spec);

    /// <summary>Removes a policy.</summary>
    void DeletePolicy(uint index);

    /// <summary>Removes every policy.</summary>
    void FlushPolicies();
}
