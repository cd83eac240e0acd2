"""Who may read a collection."""


class AclType(object):
    def __init__(self, pseudonym, acl_string):
        self.pseudonym = pseudonym
        self.acl_string = acl_string

    def __repr__(self):
        return "AclType(pseudonym=%s,acl_string=%s)" % (self.pseudonym, self.acl_string)

    @staticmethod
    def from_acl_response(acl_list):
        wanted = acl_list[0] if acl_list else None
        for known in AclType.types:
            if known.acl_string == wanted:
                return known
        raise ValueError("Invalid acl string %s" % wanted)


AclType.public = AclType("public", "user://*")
AclType.my_algos = AclType("my_algos", "algo://.my/*")
AclType.private = AclType("private", None)
AclType.default = AclType.my_algos
AclType.types = (AclType.public, AclType.my_algos, AclType.private)


class Acl(object):
    def __init__(self, read_acl):
        self.read_acl = read_acl

    @staticmethod
    def from_acl_response(acl_response):
        if "read" not in acl_response:
            raise ValueError("Response does not contain read ACL")
        return Acl(AclType.from_acl_response(acl_response["read"]))

    def to_api_param(self):
        return {"read": [self.read_acl.acl_string] if self.read_acl.acl_string else []}


class ReadAcl(object):
    public = Acl(AclType.public)
    private = Acl(AclType.private)
    my_algos = Acl(AclType.my_algos)
