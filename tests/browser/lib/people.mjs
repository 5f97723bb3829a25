// The people of the two demo organisations.

export const password = 'maintainpro-demo';

export const people = {
  admin: 'admin@demo.example',
  manager: 'manager@demo.example',
  supervisor: 'supervisor@demo.example',
  tech1: 'tech1@demo.example',
  tech2: 'tech2@demo.example',
  store: 'store@demo.example',
  office: 'office@demo.example',
  contractor: 'contractor@demo.example',
  otherAdmin: 'admin@other.example',
  otherTech: 'tech@other.example',
};
