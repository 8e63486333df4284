namespace Qanat.WireGuard;

/// <summary>
/// Takes a control message that arrived, authentic and for the first time. It is called by the device's worker in the middle of its
/// work, and may answer by <see cref="WireGuardDevice.SendControl"/>, but change nothing else of the device.
/// </summary>
/// <param name="peer">Who sent it; its endpoint is where it came from.</param>
/// <param name="message">The message, which is gone when the call is over.</param>
public delegate void ControlHandler(Peer peer, ControlMessage message);
