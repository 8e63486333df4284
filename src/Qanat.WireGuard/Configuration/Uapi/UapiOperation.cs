namespace Qanat.WireGuard.Configuration;

/// <summary>What a client of the configuration protocol asks for.</summary>
public abstract record UapiOperation
{
    private UapiOperation()
    {
    }

    /// <summary>It wants to know how things are: <see cref="UapiWriter.WriteStatus"/>, then <see cref="UapiWriter.WriteResult"/>.</summary>
    public sealed record Query : UapiOperation;

    /// <summary>It wants a change, whole or not at all; then <see cref="UapiWriter.WriteResult"/>.</summary>
    /// <param name="Change">The change; its keys are the receiver's.</param>
    public sealed record Apply(WireGuardChange Change) : UapiOperation;

    /// <summary>It wants to know what Qanat knows beyond <c>get=1</c>: a line of JSON.</summary>
    public sealed record Report : UapiOperation;

    /// <summary>It wants to hear what happens from now on, a line of JSON an event, until it hangs up.</summary>
    public sealed record Listen : UapiOperation;

    /// <summary>It is mistaken: nothing is done, and <see cref="UapiWriter.WriteResult"/> says why.</summary>
    /// <param name="Error">One of <see cref="UapiErrors"/>.</param>
    /// <param name="Reason">Why, for a log; it holds no key.</param>
    public sealed record Refuse(int Error, string Reason) : UapiOperation;

    /// <summary>It speaks another language: the connection ends without an answer.</summary>
    public sealed record HangUp : UapiOperation;
}
