namespace Qanat.Vpn;

/// <summary>A network cannot be what was asked for. The message is one line: what is wrong, and what to do.</summary>
/// <param name="message">That line; it never has a key in it.</param>
public sealed class VpnException(string message) : IOException(message);
