namespace Qanat.WireGuard;

/// <summary>What the codes of an initiation or a response say.</summary>
public enum CookieVerdict
{
    /// <summary>The sender does not know who this end is, or somebody has changed the message: it is dropped.</summary>
    InvalidMac1,

    /// <summary>The message is to be read. Under load that means that its source has shown that it is where it says.</summary>
    Admitted,

    /// <summary>The source is to be sent a cookie instead, because this end is under load.</summary>
    CookieRequired,
}
