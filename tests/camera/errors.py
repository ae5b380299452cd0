"""What the camera refuses."""


class CameraError(Exception):
    """The camera refuses; the text is what it would put into `errormsg`."""
