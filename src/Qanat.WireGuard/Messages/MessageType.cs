namespace Qanat.WireGuard;

/// <summary>What a message is, by its first byte (whitepaper, 5.4.2 to 5.4.7). All numbers in messages are little-endian.</summary>
public enum MessageType : byte
{
    /// <summary>No message of WireGuard's.</summary>
    None,

    /// <summary>The first of a handshake: <see cref="InitiationMessage"/>.</summary>
    Initiation,

    /// <summary>Its answer: <see cref="ResponseMessage"/>.</summary>
    Response,

    /// <summary>The answer of a host under load: <see cref="CookieReplyMessage"/>.</summary>
    CookieReply,

    /// <summary>A packet: <see cref="TransportMessage"/>.</summary>
    Transport,
}
